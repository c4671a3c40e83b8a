import type { ActionName, ExpectedEffect, Observation, ObservedProcess } from '../../model/index.ts';
import { caseOfProcess } from '../cases.ts';
import { defineAdvice, type Draft, type Known } from '../define-advice.ts';
import { automatic, priorityOf, processSubject } from '../steps.ts';
import { figuredEffect } from '../effects.ts';
import { sizeText } from '../../wording/index.ts';

const MIB = 1024 * 1024;
/** Less is not worth a pause. */
const MIN_SLACK_BYTES = 64 * MIB;
/** V8 keeps up to about a third of its heap in reserve on purpose. */
const MIN_SLACK_SHARE = 0.35;
/** A heap moves on: older figures say nothing of now. */
const STALE_MS = 15 * 60_000;

export const collectGarbage = defineAdvice({
  type: 'collect-garbage',
  about: 'Node processes whose committed heap is far above what it uses: collect, compact, clear caches.',
  look: (observation, known) =>
    observation.processes.flatMap((process) => {
      const { heap } = process;
      if (heap === null || observation.atMs - heap.atMs > STALE_MS) return [];
      const slack = heap.totalBytes - heap.usedBytes;
      if (slack < MIN_SLACK_BYTES || slack < heap.totalBytes * MIN_SLACK_SHARE) return [];
      return [draft(process, slack, observation, known)];
    }),
});

function draft(
  process: ObservedProcess,
  slack: number,
  { limit, atMs, severity }: Observation,
  { learned }: Known,
): Draft {
  const { id, footprintBytes } = process;
  const effectOf = (action: ActionName): ExpectedEffect =>
    learned.expected(caseOfProcess(action, process, severity), footprintBytes, atMs);
  const expected = effectOf('force_gc');
  // Before an outcome: anything between nothing and all of the slack.
  const effect =
    expected.bytes === null
      ? figuredEffect(slack / 2, 0, slack, 'the unused part of its committed heap; no outcome was measured yet')
      : expected;
  return {
    key: id,
    priority: priorityOf(effect.lowBytes, limit.limitBytes),
    urgency: 'sometime',
    title: `A Node process keeps ${sizeText(slack)} of heap that it does not use.`,
    reason: 'V8 gives memory back only after a full collection, and an idle program may not make one for hours.',
    subject: processSubject(process),
    evidence: [
      {
        kind: 'heap-slack',
        detail: `${sizeText(process.heap?.totalBytes ?? 0)} committed, ${sizeText(process.heap?.usedBytes ?? 0)} in use`,
      },
    ],
    confidence: process.heap?.isAfterGc === true ? 0.8 : 0.5,
    processes: [id],
    actions: [
      automatic('force_gc', id, {
        description: 'Collect all garbage once, through its own inspector.',
        effect,
        time: 'seconds',
      }),
      automatic('compact_heap', id, {
        description: 'Collect and give free pages back to the system.',
        effect: effectOf('compact_heap'),
        time: 'seconds',
      }),
      automatic('clear_caches', id, {
        description: 'Clear the caches that the program registered, if it did.',
        effect: effectOf('clear_caches'),
        time: 'seconds',
      }),
    ],
  };
}
