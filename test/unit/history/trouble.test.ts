import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/history/index.ts';
import { RampartError, type Store } from '../../../src/model/index.ts';
import { breakable, dying } from './bad-stores.ts';
import { fakeClock, T0 } from './fake-clock.ts';
import { countOf, feed, open } from './feeding.ts';

describe('history on a store in trouble', () => {
  it('keeps all in RAM while the disk is full, tells why, and catches up', async () => {
    const clock = fakeClock();
    const disk = breakable(createMemoryStore());
    const history = await open(disk.store, clock);
    await feed(history, clock, 5, ['host']);
    disk.full = true;
    await feed(history, clock, 20, ['host', '11:22']);
    expect(history.stats().lastFlushError).toMatch(/full.*free some/i);
    expect(history.stats().pendingSamples).toBe(20 * 12);
    expect(await countOf(history, 'host')).toBe(150);
    disk.full = false;
    await history.flush();
    expect(history.stats()).toMatchObject({ lastFlushError: null, pendingSamples: 0, droppedSamples: 0 });
    await history.close();
    const again = await open(disk.store, clock);
    expect(await countOf(again, 'host')).toBe(150);
    expect(await countOf(again, '11:22')).toBe(120);
  });

  it('counts what RAM could not hold', async () => {
    const clock = fakeClock();
    const disk = breakable(createMemoryStore());
    disk.full = true;
    const history = await open(disk.store, clock, { series: { budgetBytes: 1000 } });
    const written = await feed(history, clock, 200, ['host', '11:22']);
    const { droppedSamples, ramBytes } = history.stats();
    expect(ramBytes).toBeLessThan(10_000);
    expect(droppedSamples).toBeGreaterThan(0);
    const held = (await countOf(history, 'host')) + (await countOf(history, '11:22'));
    expect(held + droppedSamples).toBe(2 * written);
    disk.full = false;
    await history.flush();
    const again = await open(disk.store, clock);
    expect((await countOf(again, 'host')) + (await countOf(again, '11:22'))).toBe(held);
  });

  it('runs on in RAM when the store cannot even be listed, and writes nothing blindly', async () => {
    const clock = fakeClock();
    const disk = breakable(createMemoryStore());
    const first = await open(disk.store, clock);
    await feed(first, clock, 3, ['host']);
    await first.close();
    disk.unreadable = true;
    const history = await open(disk.store, clock);
    expect(history.stats().lastFlushError).toMatch(/may not/);
    await feed(history, clock, 3, ['host']);
    expect(await countOf(history, 'host')).toBe(18);
    expect(
      (await first.query({ subject: 'host', metric: 'rssBytes', fromMs: 0, toMs: T0 * 2, maxPoints: 1 })).buckets[0]
        ?.count,
    ).toBe(18);
    disk.unreadable = false;
    await history.flush();
    expect(await countOf(history, 'host')).toBe(36);
  });

  it('flushes by itself, and gathers no flushes while the disk hangs', async () => {
    const disk = createMemoryStore();
    let hanging = false;
    let attempts = 0;
    const store: Store = {
      ...disk,
      append: (name, bytes) => {
        attempts += 1;
        return hanging ? new Promise(() => undefined) : disk.append(name, bytes);
      },
    };
    const clock = fakeClock();
    const history = await open(store, clock, { flushIntervalMs: 5 });
    history.append('host', 'rssBytes', clock.nowMs(), 1);
    await expect.poll(() => history.stats().pendingSamples).toBe(0);
    hanging = true;
    const before = attempts;
    for (let round = 0; round < 10; round += 1) {
      history.append('host', 'rssBytes', clock.nowMs() + round, 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(attempts).toBe(before + 1);
    expect(await countOf(history, 'host')).toBe(11);
  });

  it.each([1, 10, 15, 16, 17, 40])(
    'takes no harm from a first write of which only %i bytes arrive',
    async (arrived) => {
      const clock = fakeClock();
      const disk = createMemoryStore();
      let cuts = 2;
      const store: Store = {
        ...disk,
        append: async (name, bytes) => {
          if (cuts === 0) return disk.append(name, bytes);
          cuts -= 1;
          await disk.append(name, bytes.subarray(0, arrived));
          throw new RampartError('io', 'cut off', 'try again');
        },
      };
      const history = await open(store, clock);
      const written = await feed(history, clock, 5, ['host']);
      await history.close();
      const again = await open(disk, clock);
      expect(await countOf(again, 'host')).toBe(written);
      expect(again.stats().foreignFiles).toEqual([]);
    },
  );

  it.each(['before', 'after'] as const)(
    'loses nothing and doubles nothing when it dies right %s any one write',
    async (when) => {
      for (let dieAt = 1; dieAt < 40; dieAt += 1) {
        const clock = fakeClock();
        const disk = dying(createMemoryStore(), dieAt, when);
        const history = await open(disk.store, clock);
        let durable = 0;
        let written = 0;
        for (let round = 0; round < 30 && !disk.dead(); round += 1) {
          clock.advance(10 * 60_000);
          history.append('host', 'rssBytes', clock.nowMs(), round);
          written += 1;
          await history.flush();
          if (!disk.dead()) durable = written;
        }
        const after = await open(disk.inner, clock);
        const found = await countOf(after, 'host');
        expect(found, `write ${dieAt}`).toBeGreaterThanOrEqual(durable);
        expect(found, `write ${dieAt}`).toBeLessThanOrEqual(written);
        // And on: the next hours are rewritten together with what was left.
        for (let round = 0; round < 15; round += 1) {
          clock.advance(10 * 60_000);
          after.append('host', 'rssBytes', clock.nowMs(), round);
          await after.flush();
        }
        const last = await open(disk.inner, clock);
        expect(await countOf(last, 'host'), `write ${dieAt}`).toBe(found + 15);
      }
    },
  );
});
