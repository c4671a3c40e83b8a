import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { type SelfSource, createSelfSource, systemClock } from '../../../src/sources/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
let source: SelfSource | null = null;
afterEach(() => source?.close());

/** The observer is told of collections in a later turn of the event loop. */
async function untilCollections(count: number): Promise<SelfSource> {
  source ??= createSelfSource({ clock: systemClock, maxEvents: 8 });
  for (let round = 0; round < 500 && source.sample().gcCount < count; round += 1) await sleep(10);
  return source;
}

describe('self', () => {
  it('tells heap, spaces and what is outside of it', () => {
    source = createSelfSource({ clock: systemClock });
    const sample = source.sample();
    expect(sample.rssBytes).toBeGreaterThan(sample.heapUsedBytes);
    expect(sample.heapLimitBytes).toBeGreaterThan(sample.heapTotalBytes);
    expect(sample.spaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['old_space', 'new_space']));
    const used = sample.spaces.reduce((sum, space) => sum + space.usedBytes, 0);
    expect(Math.abs(used - sample.heapUsedBytes)).toBeLessThan(sample.heapUsedBytes * 0.2);
    const buffer = Buffer.alloc(32 * 2 ** 20, 1);
    expect(source.sample().arrayBuffersBytes - sample.arrayBuffersBytes).toBeGreaterThanOrEqual(buffer.length);
  });

  it('tells the live set after a major collection', async () => {
    source = createSelfSource({ clock: systemClock, maxEvents: 8 });
    collect();
    const { gcPauseMs, heapUsedAfterMajorGcBytes } = (await untilCollections(1)).sample();
    expect(gcPauseMs).toBeGreaterThan(0);
    expect(heapUsedAfterMajorGcBytes).toBeGreaterThan(2 ** 20);
    const major = source.events().filter(({ kind }) => kind === 'major');
    expect(major.at(-1)?.heapUsedAfterBytes).toBe(heapUsedAfterMajorGcBytes);
    expect(major.at(-1)?.atMs).toBeLessThanOrEqual(systemClock.nowMs());
    expect(major.at(-1)?.atMs).toBeGreaterThan(systemClock.nowMs() - 60_000);
  });

  it('remembers a bounded number of collections and counts all', async () => {
    source = createSelfSource({ clock: systemClock, maxEvents: 8 });
    for (let round = 0; round < 30; round += 1) collect();
    const watched = await untilCollections(30);
    expect(watched.sample().gcCount).toBeGreaterThanOrEqual(30);
    expect(watched.events()).toHaveLength(8);
  });

  it('is quiet after it was closed', async () => {
    const closed = createSelfSource({ clock: systemClock });
    closed.close();
    collect();
    await sleep(50);
    expect(closed.sample().gcCount).toBe(0);
    expect(closed.events()).toEqual([]);
  });
});
