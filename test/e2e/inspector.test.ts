import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { GROWN_UP_MS, isListening, start, until, type Child } from '../support/inspector/targets.ts';

const MIB = 1024 * 1024;
const inspector = createInspector({ clock: systemClock });
const children: Child[] = [];
const node = async (source: string, flags: readonly string[] = []): Promise<Child> => {
  const child = await start(process.execPath, [...flags, '-e', source]);
  children.push(child);
  return child;
};

afterAll(async () => {
  await inspector.close();
  await Promise.all(children.map((child) => child.end()));
});

/** Answers on stdout once a moment, so that a frozen one is seen. */
const ANSWERS = `setInterval(() => process.stdout.write('.'), 50);`;

describe('looking into running Node processes', () => {
  let targets: Child[] = [];
  beforeAll(async () => {
    targets = await Promise.all(
      Array.from({ length: 10 }, (_, i) => node(`globalThis.kept = Buffer.alloc(${i} * ${MIB}, 1); ${ANSWERS}`)),
    );
    await sleep(GROWN_UP_MS);
  });

  it('attaches to ten one after the other; each lives and answers, no port stays open', async () => {
    const openMs: number[] = [];
    for (const [i, target] of targets.entries()) {
      const heaps = await inspector.attach(
        target.id,
        (open) => open.heaps(),
        (ms) => openMs.push(ms),
      );
      expect(heaps).toHaveLength(1);
      expect(heaps[0]?.usedBytes).toBeGreaterThan(MIB);
      expect(heaps[0]?.arrayBuffersBytes).toBeGreaterThanOrEqual(i * MIB);
      expect(heaps[0]?.spaces.map(({ name }) => name)).toContain('old_space');
      expect(isListening(9229)).toBe(false);
    }
    for (const target of targets) {
      const before = target.said().length;
      await until(() => target.said().length > before);
      expect(target.isAlive()).toBe(true);
    }
    expect(Math.max(...openMs)).toBeLessThan(5_000);
  });

  it('tells V8, Buffers and files apart without touching the process', async () => {
    const [small, large] = [targets[0], targets[9]];
    if (small === undefined || large === undefined) throw new Error('no targets');
    const [before, after] = [await inspector.split(small.id), await inspector.split(large.id)];
    const buffers = (after?.otherAnonymousBytes ?? 0) - (before?.otherAnonymousBytes ?? 0);
    expect(buffers / (9 * MIB)).toBeGreaterThan(0.7);
    const [heap] = await inspector.attach(small.id, (open) => open.heaps());
    expect((before?.v8Bytes ?? 0) / (heap?.physicalBytes ?? 1)).toBeGreaterThan(0.6);
    expect((before?.v8Bytes ?? 0) / (heap?.physicalBytes ?? 1)).toBeLessThan(1.5);
  });
});
