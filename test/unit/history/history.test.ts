import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/history/index.ts';
import { slow } from './bad-stores.ts';
import { fakeClock, T0 } from './fake-clock.ts';
import { countOf, DAY, feed, HOUR, kinds, open, PAGE } from './feeding.ts';

describe('history', () => {
  it('answers the same before and after the rewrite, from RAM and from disk, and after a restart', async () => {
    const clock = fakeClock();
    const store = createMemoryStore();
    const history = await open(store, clock);
    const written = await feed(history, clock, 150, ['host', '11:22']);
    expect(await kinds(store)).toBe('log min min raw raw');
    const query = { subject: '11:22', metric: 'rssBytes', fromMs: T0, toMs: clock.nowMs(), maxPoints: 40 } as const;
    const before = await history.query(query);
    expect(before.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(written);
    expect([before.heldFromMs, before.heldToMs]).toEqual([T0 + 10_000, clock.nowMs()]);
    await history.close();
    const again = await open(store, clock);
    expect(await again.query(query)).toEqual(before);
    const starved = await open(store, clock, { series: { budgetBytes: 0 } });
    expect(await starved.query(query)).toEqual(before);
  });

  it('reads from disk what RAM has dropped, each sample once', async () => {
    const clock = fakeClock();
    const history = await open(createMemoryStore(), clock, { series: { budgetBytes: 200 } });
    const written = await feed(history, clock, 50, ['host', '11:22', '11:23']);
    expect(history.stats().ramBytes).toBeLessThan(10_000);
    expect(history.stats().droppedSamples).toBe(0);
    expect(await countOf(history, '11:22')).toBe(written);
    history.append('11:22', 'rssBytes', clock.nowMs() + 1, 0);
    expect(await countOf(history, '11:22')).toBe(written + 1);
  });

  it('says what it holds of a series also where the window holds nothing', async () => {
    const clock = fakeClock();
    const history = await open(createMemoryStore(), clock);
    await feed(history, clock, 70, ['host', '11:22']);
    const endedMs = clock.nowMs();
    await feed(history, clock, 130, ['host']);
    const answer = await history.query({
      subject: '11:22',
      metric: 'rssBytes',
      fromMs: clock.nowMs() - 1000,
      toMs: clock.nowMs(),
      maxPoints: 10,
    });
    expect(answer.buckets).toEqual([]);
    expect([answer.heldFromMs, answer.heldToMs]).toEqual([T0 + 10_000, endedMs]);
    const nobody = await history.query({
      subject: '99:99',
      metric: 'rssBytes',
      fromMs: 0,
      toMs: clock.nowMs(),
      maxPoints: 10,
    });
    expect(nobody).toMatchObject({ buckets: [], heldFromMs: null, heldToMs: null });
    const noMetric = await history.query({
      subject: '11:22',
      metric: 'cpuMs',
      fromMs: 0,
      toMs: clock.nowMs(),
      maxPoints: 10,
    });
    expect(noMetric.heldFromMs).toBeNull();
  });

  it('tells two processes with one pid apart', async () => {
    const clock = fakeClock();
    const history = await open(createMemoryStore(), clock);
    await feed(history, clock, 70, ['11:100']);
    const reusedMs = clock.nowMs();
    await feed(history, clock, 20, ['11:200']);
    expect(await countOf(history, '11:100')).toBe(420);
    expect(await countOf(history, '11:200')).toBe(120);
    expect(await countOf(history, '11:100', reusedMs + 1)).toBe(0);
    const seen = await history.subjects({ fromMs: 0, toMs: clock.nowMs() });
    expect(seen.map(({ subject, samples }) => [subject, samples])).toEqual([
      ['11:200', 120],
      ['11:100', 420],
    ]);
  });

  it('lists the subjects of a window, the latest first', async () => {
    const clock = fakeClock();
    const history = await open(createMemoryStore(), clock);
    await feed(history, clock, 70, ['a:old']);
    await feed(history, clock, 2, ['session:one', '1:2']);
    history.append('1:2', 'cpuMs', clock.nowMs() + 5, 10);
    const recent = await history.subjects({ fromMs: clock.nowMs() - 90_000, toMs: clock.nowMs() + 10 });
    expect(recent.map(({ subject }) => subject)).toEqual(['1:2', 'session:one']);
    expect(recent[0]?.metrics.toSorted()).toEqual(['cpuMs', 'rssBytes']);
    expect((await history.subjects({ fromMs: 0, toMs: clock.nowMs() + 10, limit: 1 })).length).toBe(1);
  });

  it('scans in time order for each series, within the window only', async () => {
    const clock = fakeClock();
    const history = await open(createMemoryStore(), clock);
    await feed(history, clock, 130, ['host', '11:22']);
    history.append('11:22', 'rssBytes', clock.nowMs() + 1, 7);
    const [fromMs, toMs] = [T0 + 20 * 60_000, clock.nowMs() + 1];
    const times: number[] = [];
    await history.scan({ fromMs, toMs, metric: 'rssBytes', subject: '11:22' }, (subject, metric, samples) => {
      expect([subject, metric]).toEqual(['11:22', 'rssBytes']);
      times.push(...samples.times.subarray(0, samples.count));
    });
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBe(fromMs);
    expect(times.at(-1)).toBe(toMs);
    expect(times.length).toBe(110 * 6 + 2);
  });

  it('answers while it is flushed, rewritten and cleaned, without missing a sample', async () => {
    const clock = fakeClock();
    const store = slow(createMemoryStore());
    const history = await open(store, clock);
    let written = 0;
    for (let round = 0; round < 90; round += 1) {
      clock.advance(120_000);
      history.append('host', 'rssBytes', clock.nowMs(), round);
      written += 1;
      const flushing = history.flush();
      const asking = Promise.all([countOf(history, 'host'), countOf(history, 'host', 0, clock.nowMs())]);
      expect(await asking).toEqual([written, written]);
      await flushing;
    }
    expect(await kinds(store)).toContain('raw raw');
  });

  it('keeps coarse minutes after single samples are given up', async () => {
    const clock = fakeClock();
    const store = createMemoryStore();
    const history = await open(store, clock, { retention: { rawMaxAgeMs: 2 * HOUR, maxAgeMs: 5 * HOUR } });
    await feed(history, clock, 4 * 60 + 30, ['11:22']);
    expect(await kinds(store)).toBe('log min min min min raw raw');
    expect(await countOf(history, '11:22')).toBe(270 * 6);
    const minute = Math.floor((T0 + 30 * 60_000) / 60_000) * 60_000;
    const ask = { subject: '11:22', metric: 'rssBytes', fromMs: minute, toMs: minute + 59_999, maxPoints: 60 } as const;
    const { buckets } = await history.query(ask);
    // T0 lies 20 s into a whole minute: three looks of minute 29 and three of minute 30.
    expect(buckets).toEqual([{ tMs: minute, count: 6, min: 29 * PAGE, mean: 29.5 * PAGE, max: 30 * PAGE }]);
    await feed(history, clock, 4 * 60, ['11:22']);
    const [span] = await history.subjects({ fromMs: 0, toMs: clock.nowMs() });
    expect(span).toMatchObject({ subject: '11:22', toMs: clock.nowMs(), samples: await countOf(history, '11:22') });
    const { oldestMs, newestMs } = history.stats();
    expect(clock.nowMs() - (oldestMs as number)).toBeLessThanOrEqual(6 * HOUR + 120_000);
    expect(newestMs).toBe(clock.nowMs());
  });

  it('stays within its size, giving single samples up before minutes', async () => {
    const clock = fakeClock();
    const store = createMemoryStore();
    const maxBytes = 400_000;
    let state = 1;
    // Noise, so that no compression makes the test pass by itself.
    const noise = (): number => (state = (state * 48_271) % 2_147_483_647) % 9973;
    const history = await open(store, clock, { retention: { maxBytes } });
    const subjects = Array.from({ length: 20 }, (_, index) => `${index}:1`);
    for (let hour = 0; hour < 30; hour += 1) {
      for (let look = 0; look < 360; look += 1) {
        clock.advance(10_000);
        for (const subject of subjects) history.append(subject, 'rssBytes', clock.nowMs(), noise() * PAGE);
        if (look % 30 === 29) await history.flush();
      }
      const { bytes } = history.stats();
      expect(bytes).toBeLessThanOrEqual(maxBytes);
    }
    const sizes = await store.list();
    expect(sizes.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(history.stats().bytes);
    expect(history.stats().droppedSamples).toBe(0);
    expect((await kinds(store)).split('min').length).toBeGreaterThan((await kinds(store)).split('raw').length);
  });

  it('begins a new log, with names of its own, when a fork bomb fills the old one', async () => {
    const clock = fakeClock();
    const store = createMemoryStore();
    const history = await open(store, clock);
    for (let minute = 0; minute < 10; minute += 1) {
      clock.advance(60_000);
      for (let child = 0; child < 7000; child += 1)
        history.append(`${child}:${minute}`, 'rssBytes', clock.nowMs(), PAGE);
      await history.flush();
    }
    expect(await kinds(store)).toBe('log log');
    expect(history.stats()).toMatchObject({ rejectedSamples: 0, droppedSamples: 0, pendingSamples: 0 });
    expect(await countOf(history, '6999:0')).toBe(1);
    expect(await countOf(history, '6999:8')).toBe(1);
  });

  it('holds a month of many short runs in few files', async () => {
    const clock = fakeClock();
    const store = createMemoryStore();
    for (let run = 0; run < 300; run += 1) {
      const history = await open(store, clock);
      await feed(history, clock, 1, ['host']);
      await history.close();
      clock.advance(5 * 60_000);
    }
    expect((await store.list()).length).toBeLessThan(300 / 3);
    const history = await open(store, clock);
    expect(await countOf(history, 'host')).toBe(1800);
  });
});

it('counts no sample twice when it goes to disk while it is asked for, though RAM keeps nothing', async () => {
  const clock = fakeClock();
  const history = await open(slow(createMemoryStore()), clock, { series: { budgetBytes: 0 } });
  for (let round = 1; round <= 50; round += 1) {
    clock.advance(60_000);
    history.append('host', 'rssBytes', clock.nowMs(), round);
    const asked = countOf(history, 'host');
    const flushed = history.flush();
    expect(await asked).toBe(round);
    await flushed;
  }
});

describe('history and the clock', () => {
  it('keeps both times when the clock goes back', async () => {
    const clock = fakeClock();
    const history = await open(createMemoryStore(), clock);
    await feed(history, clock, 30, ['host']);
    clock.jump(-2 * HOUR);
    await feed(history, clock, 100, ['host']);
    expect(await countOf(history, 'host')).toBe(130 * 6);
    expect(history.stats().corruptRecords).toBe(0);
  });

  it('gives nothing up by age just because the clock leapt ahead', async () => {
    const clock = fakeClock();
    const store = createMemoryStore();
    const history = await open(store, clock);
    await feed(history, clock, 70, ['host']);
    clock.jump(365 * DAY);
    await feed(history, clock, 5, ['host']);
    clock.jump(-365 * DAY);
    await feed(history, clock, 65, ['host']);
    expect(await countOf(history, 'host', 0, T0 + 400 * DAY)).toBe(140 * 6);
  });

  it('does give it up when the leap was right after all', async () => {
    const clock = fakeClock();
    const store = createMemoryStore();
    const history = await open(store, clock);
    await feed(history, clock, 70, ['host']);
    clock.jump(365 * DAY);
    await feed(history, clock, 2, ['host']);
    expect(await countOf(history, 'host')).toBe(72 * 6);
    clock.advance(DAY + HOUR);
    await feed(history, clock, 2, ['host']);
    // The table of the first hour is gone; the log that was open at the leap ends after it, so its ten minutes stay.
    expect(await countOf(history, 'host', 0, T0 + HOUR)).toBe(0);
    expect(await countOf(history, 'host')).toBe(14 * 6);
  });
});
