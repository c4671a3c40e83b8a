import { describe, expect, it } from 'vitest';
import type { Collection, HeapFigures, Inspector, OpenInspector } from '../../../src/model/index.ts';
import { createHeapMemory, tellHeaps, type ToldHeap } from '../../../src/service/inside/told-heaps.ts';

const heap = (usedBytes: number, threadId = 0): HeapFigures => ({
  threadId,
  name: threadId === 0 ? 'main' : 'worker',
  usedBytes,
  totalBytes: usedBytes * 2,
  physicalBytes: usedBytes * 2,
  limitBytes: 1_000,
  externalBytes: 5,
  arrayBuffersBytes: 3,
  spaces: [],
});
const collection: Collection = {
  before: [heap(90), heap(10, 1)],
  after: [heap(40), heap(8, 1)],
  freedBytes: 52,
  rssBeforeBytes: 500,
  rssAfterBytes: 400,
  pauseMs: 3,
};
const inspector = {
  attach: (_: unknown, work: (open: OpenInspector) => unknown) =>
    work({ heaps: async () => [heap(90), heap(10, 1)], collect: async () => collection } as unknown as OpenInspector),
} as unknown as Inspector;
const PROCESS = { pid: 7, startTime: 70 };

describe('heaps seen from inside', () => {
  it('are told, whoever asked', async () => {
    const told: ToldHeap[] = [];
    const telling = tellHeaps(
      inspector,
      () => 1_000,
      (one) => told.push(one),
    );
    expect(await telling.attach(PROCESS, (open) => open.heaps())).toHaveLength(2);
    expect(await telling.attach(PROCESS, (open) => open.collect())).toBe(collection);
    expect(told.map(({ process, heap: { usedBytes, isAfterGc } }) => [process, usedBytes, isAfterGc])).toEqual([
      ['7:70', 90, false],
      ['7:70', 40, true],
    ]);
    expect(told[0]?.floor).toBeNull();
    expect(told[1]?.floor).toEqual({
      atMs: 1_000,
      heapUsedBeforeBytes: 100,
      heapUsedAfterBytes: 48,
      externalBytes: 5,
      nativeBytes: 400 - 80 - 16 - 5 - 5,
    });
  });

  it('are kept of the last 256 processes', () => {
    const memory = createHeapMemory();
    const keep = (pid: number, atMs: number) =>
      memory.keep({ process: `${pid}:1`, heap: { ...heap(1), atMs, isAfterGc: false }, floor: null });
    for (let pid = 0; pid < 256; pid += 1) keep(pid, 1);
    keep(0, 2);
    keep(999, 3);
    expect(memory.seen.size).toBe(256);
    expect(memory.seen.get('0:1')?.atMs).toBe(2);
    expect(memory.seen.has('1:1')).toBe(false);
  });
});
