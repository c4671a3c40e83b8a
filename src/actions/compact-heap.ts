import type { HeapFigures } from '../model/index.ts';
import { defineAction, each } from './define.ts';
import { attached, heapChange, inspectable } from './inside.ts';
import { bytesText } from './words.ts';

/**
 * Weak references and finalisers free what they hold one collection later, and V8 gives empty pages back after the next:
 * three in a row come to rest.
 */
const ROUNDS = 3;

const slackBytes = (heaps: readonly HeapFigures[]): number =>
  heaps.reduce((sum, heap) => sum + Math.max(0, (heap.physicalBytes ?? heap.totalBytes) - heap.usedBytes), 0);

export const compactHeap = defineAction({
  name: 'compact_heap',
  does: 'Collects several times in a row, so that V8 moves objects together and gives pages back.',
  needs: 'a Node process that can be attached to (docs/looking-inside.md)',
  risk: 'low',
  reversible: false,
  aim: 'memory',
  ends: false,
  available: inspectable,
  plan: () => [
    'Check that it can be attached to.',
    'Open its inspector.',
    `Collect all garbage, ${ROUNDS} times.`,
    'Close the inspector.',
  ],
  run: (selected, doing) =>
    each(selected, doing, (target) =>
      attached(target, doing, `attach, collect ${ROUNDS} times, detach`, async (open) => {
        const first = await open.collect();
        let last = first;
        for (let round = 1; round < ROUNDS; round += 1) last = await open.collect();
        const [before, after] = [slackBytes(first.before), slackBytes(last.after)];
        const rss = bytesText(first.rssBeforeBytes - last.rssAfterBytes);
        const detail = `Unused part of its heap: ${bytesText(before)} before, ${bytesText(after)} after; RSS fell by ${rss}.`;
        return { detail, heap: heapChange(first, last) };
      }),
    ),
});
