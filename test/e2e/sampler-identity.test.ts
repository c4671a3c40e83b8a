import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { type Interface, createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessKey, ProcessSample, Source } from '../../src/model/index.ts';
import { createLinuxSource, systemClock } from '../../src/sources/index.ts';
import { compile } from '../support/processes/farm.ts';
import { endChild } from '../support/processes/worker.ts';

const BIG_KIB = 8 * 1024;
const SMALL_KIB = 1024;
const CASES = 100;

/** Reuse at will needs a C compiler and the right to choose the next pid; the fake-/proc unit test needs neither. */
const possible = (() => {
  try {
    accessSync('/proc/sys/kernel/ns_last_pid', constants.W_OK);
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

describe.runIf(possible)('pid reuse never mixes two processes', () => {
  let program: ReturnType<typeof compile>;
  let child: ChildProcessByStdio<Writable, Readable, null>;
  let lines: Interface;

  /** The next owner of the pid; generations count from 0. */
  async function next(big: boolean): Promise<number> {
    const answer = once(lines, 'line') as Promise<[string]>;
    child.stdin.write(`${big ? BIG_KIB : SMALL_KIB}\n`);
    return Number((await answer)[0]);
  }

  beforeAll(() => {
    program = compile(fileURLToPath(new URL('../support/processes/reuse.c', import.meta.url)));
    child = spawn(program.path, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    lines = createInterface({ input: child.stdout });
  });
  afterAll(async () => {
    await endChild(child);
    program.remove();
  });

  it(`in ${CASES} planted cases, seen by kept descriptors and by path`, async () => {
    const sources: Source[] = [
      createLinuxSource({ clock: systemClock }),
      createLinuxSource({ clock: systemClock, maxDescriptors: 0 }),
    ];
    let ordinary = 0;
    const stale: unknown[] = [];
    const last = new Map<Source, ProcessSample>();
    for (let generation = 0; generation < CASES; generation += 1) {
      // Big and small in turn: memory of one, shown for the other, would be seen.
      const big = generation % 2 === 0;
      const pid = await next(big);
      for (const source of sources) {
        // Every third look is an ordinary one, in which the quiet forerunner may not be due.
        const sweep = await source.sample({ complete: generation % 3 !== 0 });
        const rows = [...sweep.processes.values()].filter((row) => row.pid === pid);
        expect(rows).toHaveLength(1);
        const before = last.get(source);
        const row = rows[0] as ProcessSample;
        // Not due yet, the forerunner may still be listed; but nothing is told of it.
        if (row === before) {
          ordinary += 1;
          stale.push(...(await answersOf(source, row)));
          continue;
        }
        last.set(source, row);
        expect(sweep.started).toContain(row.key);
        expect(isBig(row.rssBytes)).toBe(big);
        expect((await source.facts(row))?.comm).toBe(`gen-${generation}`);
        expect(isBig((await source.footprint(row))?.ussBytes ?? 0)).toBe(big);
        expect(before === undefined ? [] : await answersOf(source, before)).toEqual([]);
        expect(before === undefined || sweep.exited.includes(before.key)).toBe(true);
      }
    }
    expect(stale).toEqual([]);
    expect(ordinary).toBeLessThan(CASES);
    for (const source of sources) await source.close();
  });

  it(`in ${CASES} swaps at any moment while facts and footprints are read`, async () => {
    const source = createLinuxSource({ clock: systemClock });
    let mixed = 0;
    let read = 0;
    let generation = CASES;
    for (let round = 0; round < CASES; round += 1, generation += 1) {
      const pid = await next(generation % 2 === 0);
      const { processes } = await source.sample({ complete: true });
      const row = [...processes.values()].find((candidate) => candidate.pid === pid) as ProcessSample;
      const key: ProcessKey = row.key;
      const swapped = next(generation % 2 !== 0);
      let over = false;
      void swapped.then(() => (over = true));
      while (!over) {
        const [facts, footprint] = await Promise.all([source.facts(row), source.footprint(row)]);
        await new Promise((resolve) => setImmediate(resolve));
        if (facts !== null) read += 1;
        if (facts !== null && facts.comm !== `gen-${generation}`) mixed += 1;
        if (footprint !== null && isBig(footprint.ussBytes) !== (generation % 2 === 0)) mixed += 1;
      }
      await swapped;
      generation += 1;
      expect(row.key).toBe(key);
      expect(await source.facts(row)).toBeNull();
    }
    expect(mixed).toBe(0);
    expect(read).toBeGreaterThan(CASES);
    await source.close();
  });
});

function isBig(bytes: number): boolean {
  return bytes > ((BIG_KIB + SMALL_KIB) / 2) * 1024;
}

/** What a source still tells of a process; nothing, when it is gone. */
async function answersOf(source: Source, row: ProcessSample): Promise<unknown[]> {
  const signs = await source.lifeSigns([row]);
  return [await source.facts(row), await source.footprint(row), ...signs.values()].filter((answer) => answer !== null);
}
