import type { ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition } from '../define-rule.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { nextCall } from '../next-call.ts';
import { sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;

export const unusualSize = defineRule({
  name: 'unusual-size',
  type: 'unusual-size',
  title: 'Does a process use far more than its kind usually does?',
  about:
    "Memory (PSS + swap) against twice the level that was learned for what runs: the 99th percentile of earlier looks and a quarter more, between a floor and a ceiling (see docs/advice.md). A jump to a size that stays is no growth, so no leak detector sees it. Only a warning: large is no harm by itself. Strangers are left out: they are named after their executable, and all scripts of one interpreter are no kind. Off with `learningMode.adaptiveThresholds`, and silent where an alert about the same process's growth or heap fires.",
  scope: 'all',
  forMs: { warning: 30 * MINUTE, critical: 30 * MINUTE, emergency: 30 * MINUTE },
  keepFiringForMs: 30 * MINUTE,
  timing: 'a build, an index or a large answer takes minutes and is given back',
  options: {
    minSamples: {
      value: 1440,
      unit: 'count',
      reason: 'looks, one a minute: a day of one process, with its nights and its busy hours',
    },
    minProcesses: {
      value: 5,
      unit: 'count',
      reason: 'two projects need different sizes of the same server; many looks of one process say nothing of the next',
    },
    enterPart: {
      value: 2,
      unit: 'share',
      reason:
        'of the learned level: half as much again is what a larger project needs (1.5 fired once a day for nothing)',
    },
    minShare: {
      value: 0.05,
      unit: 'share',
      reason: "of the machine's limit: less is not worth a message, however unusual; twenty of them fill it",
    },
    exitPart: { value: 0.9, unit: 'share', reason: 'of where it began: garbage collection moves a heap by as much' },
  },
  start:
    ({ minSamples, minProcesses, enterPart, minShare, exitPart }) =>
    ({ processes, limit }, { before }) => {
      const holds: Condition[] = [];
      for (const process of processes) {
        const { id, role, usualFootprint: usual, footprintBytes } = process;
        if (role === 'other') continue;
        // What is usual was forgotten on request, or never known: there is nothing to compare with, and the alert ends.
        if (usual === null || usual.samples < minSamples || usual.processes < minProcesses) continue;
        const enter = Math.max(usual.value * enterPart, limit.limitBytes * minShare);
        if (footprintBytes >= enter * (before(id) === null ? 1 : exitPart))
          holds.push(condition(process, usual, enter));
      }
      return { holds, unknown: [] };
    },
});

function condition(
  process: ObservedProcess,
  usual: NonNullable<ObservedProcess['usualFootprint']>,
  threshold: number,
): Condition {
  const { id, footprintBytes } = process;
  return {
    key: id,
    level: 'warning',
    subject: processSubject(process),
    labels: processLabels(process),
    groupKey: processGroup(process),
    title: `A process holds ${sizeText(footprintBytes)}, far more than its kind usually does.`,
    detail: `Told from ${sizeText(threshold)} on. Usual ends at ${sizeText(usual.value)}: ${usual.reason}.`,
    evidence: [
      {
        kind: 'usual',
        detail: `${sizeText(usual.value)} by ${usual.samples} looks at ${usual.processes} processes; it may be ${sizeText(usual.floor)} to ${sizeText(usual.ceiling)}`,
      },
    ],
    value: footprintBytes,
    threshold,
    unit: 'bytes',
    forecast: null,
    next: [
      ...nextCall('inspect_process', id, 'where its memory is'),
      ...nextCall('detect_leaks', id, 'whether it still grows'),
    ],
  };
}
