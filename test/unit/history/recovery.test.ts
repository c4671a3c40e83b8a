import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, openHistory } from '../../../src/history/index.ts';
import { encodeFrame, encodeHeader, scanFrames } from '../../../src/history/frames.ts';
import { readSegment } from '../../../src/history/segment.ts';
import type { Store } from '../../../src/model/index.ts';
import { fakeClock, T0 } from './fake-clock.ts';

const LOG = 'log-0000000001.seg';

/** A log of five minutes with three subjects, of which one comes only with the third minute. */
async function smallLog(): Promise<{ bytes: Uint8Array; perMinute: number[] }> {
  const clock = fakeClock();
  const store = createMemoryStore();
  const history = await openHistory({ store, clock, flushIntervalMs: 0 });
  const perMinute: number[] = [];
  for (let minute = 0; minute < 5; minute += 1) {
    let count = 0;
    for (const subject of minute < 2 ? ['host', '11:22'] : ['host', '11:22', '33:44']) {
      for (let second = 0; second < 60; second += 20) {
        history.append(subject, 'rssBytes', clock.nowMs() + second * 1000, (minute * 100 + second) * 4096);
        count += 1;
      }
    }
    perMinute.push(count);
    clock.advance(60_000);
    await history.flush();
  }
  const bytes = await store.read(LOG);
  if (bytes === null) throw new Error('nothing was flushed');
  return { bytes, perMinute };
}

async function opened(
  bytes: Uint8Array,
): Promise<{ counts: number; history: Awaited<ReturnType<typeof openHistory>>; store: Store }> {
  const store = createMemoryStore();
  await store.replace(LOG, bytes);
  const history = await openHistory({ store, clock: fakeClock(), flushIntervalMs: 0 });
  return { counts: await totalOf(history), history, store };
}

async function totalOf(history: Awaited<ReturnType<typeof openHistory>>): Promise<number> {
  let total = 0;
  await history.scan({ fromMs: 0, toMs: T0 * 2 }, (_subject, _metric, samples) => {
    total += samples.count;
  });
  return total;
}

/** Where each record ends. */
function recordEnds(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  scanFrames(bytes, (content) => ends.push(content.byteOffset - bytes.byteOffset + content.byteLength));
  return ends;
}

describe('a log cut off at any byte', () => {
  it('keeps every whole record and takes on new ones', async () => {
    const { bytes, perMinute } = await smallLog();
    const ends = recordEnds(bytes);
    expect(ends.length).toBe(5);
    for (let length = 0; length <= bytes.length; length += 1) {
      const whole = ends.filter((end) => end <= length).length;
      const kept = perMinute.slice(0, whole).reduce((sum, count) => sum + count, 0);
      const { counts, history, store } = await opened(bytes.slice(0, length));
      expect(counts, `cut at ${length}`).toBe(kept);
      const isWhole = length === bytes.length || length === 16 || length === 0 || ends.includes(length);
      expect(history.stats().tornTails, `cut at ${length}`).toBe(isWhole ? 0 : 1);
      history.append('host', 'rssBytes', T0 + 400_000, 1);
      await history.close();
      const again = await openHistory({ store, clock: fakeClock(), flushIntervalMs: 0 });
      expect(await totalOf(again)).toBe(kept + 1);
      await again.close();
    }
  });
});

describe('a log with damage', () => {
  it('in one byte, any one, loses one record at most and says so', async () => {
    const { bytes, perMinute } = await smallLog();
    const total = perMinute.reduce((sum, count) => sum + count, 0);
    const worst = Math.max(...perMinute);
    for (let at = 16; at < bytes.length; at += 1) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 0x41;
      const { counts, history } = await opened(damaged);
      expect(counts, `byte ${at}`).toBeGreaterThanOrEqual(total - worst);
      expect(counts, `byte ${at}`).toBeLessThan(total);
      const { corruptRecords, tornTails } = history.stats();
      expect(corruptRecords + tornTails, `byte ${at}`).toBe(1);
    }
  });

  it('of any kind opens, and counts no sample twice', async () => {
    const { bytes, perMinute } = await smallLog();
    const total = perMinute.reduce((sum, count) => sum + count, 0);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.uint8Array({ maxLength: 40 })), { maxLength: 4 }),
        async (edits) => {
          let damaged = bytes;
          for (const [at, patch] of edits) {
            damaged = Uint8Array.from([
              ...damaged.slice(0, at),
              ...patch,
              ...damaged.slice(at + (at % 3) * patch.length),
            ]);
          }
          const { counts } = await opened(damaged);
          expect(counts).toBeLessThanOrEqual(total);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('made of false marks ends soon', () => {
    const bytes = new Uint8Array(2_000_000);
    bytes.set(encodeHeader('log'));
    for (let at = 16; at + 12 <= bytes.length; at += 12) bytes.set([0x52, 0x46, 0xff, 0xfe, 0, 0, 8, 0], at);
    const startedMs = performance.now();
    expect(readSegment(bytes).blocks).toEqual([]);
    // Without the bound it is 170,000 checksums of half a megabyte: minutes.
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});

describe('a file of another version or kind', () => {
  it('is left alone, told, and never written to', async () => {
    const newer = encodeHeader('log');
    newer[8] = 2;
    const alien = new TextEncoder().encode('{"a json file": true, "longer than the header": 1}');
    const store = createMemoryStore();
    await store.replace('log-0000000007.seg', newer);
    await store.replace('log-0000000008.seg', alien);
    await store.replace('notes.txt', alien);
    const clock = fakeClock();
    const history = await openHistory({ store, clock, flushIntervalMs: 0 });
    history.append('host', 'rssBytes', clock.nowMs(), 1);
    for (let hour = 0; hour < 3; hour += 1) {
      clock.advance(3_600_001);
      history.append('host', 'rssBytes', clock.nowMs(), 1);
      await history.flush();
    }
    expect(history.stats().foreignFiles).toEqual([
      { name: 'log-0000000007.seg', reason: 'written by a later version' },
      { name: 'log-0000000008.seg', reason: 'not a history file' },
    ]);
    expect(await store.read('log-0000000007.seg')).toEqual(newer);
    expect(await store.read('log-0000000008.seg')).toEqual(alien);
    expect(await store.read('notes.txt')).toEqual(alien);
    const names = (await store.list()).map(({ name }) => name);
    expect(names.some((name) => /-000000000[1-8]/.test(name.replace(/^log-000000000[78]/, '')))).toBe(false);
    expect(await totalOf(history)).toBe(4);
  });

  it('is not read when it is far larger than any of ours', async () => {
    const real = createMemoryStore();
    const store: Store = {
      ...real,
      list: async () => [{ name: LOG, bytes: 5 * 1024 ** 3, modifiedMs: 0 }],
      read: async (name) => {
        if (name === LOG) throw new Error('it was read');
        return real.read(name);
      },
    };
    const history = await openHistory({ store, clock: fakeClock(), flushIntervalMs: 0 });
    expect(history.stats().foreignFiles[0]?.reason).toMatch(/larger than/);
    expect(history.stats().lastFlushError).toBeNull();
  });
});

describe('records', () => {
  it('are found again behind any damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 }),
        fc.uint8Array({ maxLength: 30 }),
        fc.nat({ max: 6 }),
        (contents, junk, where) => {
          const parts = contents.map((content) => encodeFrame(content));
          parts.splice(Math.min(where, parts.length), 0, junk);
          const file = Uint8Array.from([...encodeHeader('log'), ...parts.flatMap((part) => [...part])]);
          const found: Uint8Array[] = [];
          scanFrames(file, (content) => found.push(content.slice()));
          expect(found).toEqual(contents);
        },
      ),
    );
  });
});
