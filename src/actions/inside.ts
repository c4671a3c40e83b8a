import {
  RampartError,
  type Collection,
  type HeapChange,
  type HeapFigures,
  type OpenInspector,
  type ProcessId,
  type Refusal,
  type TargetOutcome,
} from '../model/index.ts';
import { done, notDone, refuse, type Asking, type Doing } from './define.ts';
import type { Target } from './target.ts';
import { bytesText } from './words.ts';

/** What needs a process's own inspector. */

export async function inspectable(target: Target, { inspector }: Asking): Promise<Refusal | null> {
  if (target.runtime !== 'node') {
    return refuse('unavailable', 'Only a Node process can be asked to do this.', 'Restart it, or wait.');
  }
  if (inspector === null) {
    return refuse('unavailable', 'Looking into processes is not available here.', 'Ask the running service.');
  }
  const { possible, reason } = await inspector.check(target);
  return possible
    ? null
    : refuse('unavailable', reason, 'docs/looking-inside.md says for each reason what would change it.');
}

/** Attaches and works; a failure becomes a refusal with the inspector's own words. */
export async function attached(
  target: ProcessId,
  doing: Doing,
  what: string,
  work: (open: OpenInspector) => Promise<{ readonly detail: string; readonly heap: HeapChange }>,
): Promise<TargetOutcome> {
  const { inspector } = doing;
  if (inspector === null)
    return notDone(target, refuse('unavailable', 'No inspector here.', 'Ask the running service.'));
  doing.step(`${target.pid}:${target.startTime}`, what);
  try {
    const { detail, heap } = await inspector.attach(target, work);
    return done(target, detail, heap);
  } catch (error) {
    if (!(error instanceof RampartError)) throw error;
    return notDone(target, refuse(error.code === 'not-found' ? 'gone' : 'unavailable', error.message, error.hint));
  }
}

/** From the first of several collections in a row to the last. */
export const heapChange = (first: Collection, last: Collection): HeapChange => ({
  beforeBytes: usedBytes(first.before),
  afterBytes: usedBytes(last.after),
});

const usedBytes = (heaps: readonly HeapFigures[]): number => heaps.reduce((sum, heap) => sum + heap.usedBytes, 0);

export function collectionText({ freedBytes, pauseMs, rssBeforeBytes, rssAfterBytes }: Collection): string {
  const rss = bytesText(rssBeforeBytes - rssAfterBytes);
  return `Freed ${bytesText(freedBytes)} of heap in ${Math.round(pauseMs)} ms; RSS fell by ${rss}.`;
}
