import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLearning } from '../../src/advice/index.ts';
import { loadConfig } from '../../src/config/index.ts';
import type { Observation } from '../../src/model/index.ts';
import { createActing } from '../../src/service/acting.ts';
import { createAutomation } from '../../src/service/automation.ts';
import { createEngine } from '../../src/service/engine/engine.ts';
import { tellHeaps } from '../../src/service/inside/told-heaps.ts';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { openSource, systemClock } from '../../src/sources/index.ts';
import { GROWN_UP_MS, start, type Child } from '../support/inspector/targets.ts';

/** Some 2.5 MB a second, once kept and once dropped; the young generation is so large that V8 collects none of it. */
const allocate = (what: string): string =>
  `globalThis.kept = []; let n = 0;
   setInterval(() => { for (let i = 0; i < 150; i += 1) { const a = new Array(100).fill(n++); ${what} } }, 50);`;
const DROPS = ['--min-semi-space-size=256', '--max-semi-space-size=256', '-e', allocate('')];
const KEEPS = ['-e', allocate('kept.push(a);')];

const dir = mkdtempSync(join(tmpdir(), 'rampart-confirming-'));
const inspector = createInspector({ clock: systemClock });
let leaky: Child;
let garbage: Child;
const idOf = ({ id }: Child): string => `${id.pid}:${id.startTime}`;

beforeAll(async () => {
  [leaky, garbage] = await Promise.all([start(process.execPath, KEEPS), start(process.execPath, DROPS)]);
  await sleep(GROWN_UP_MS);
});
afterAll(async () => {
  await inspector.close();
  await Promise.all([leaky.end(), garbage.end()]);
  rmSync(dir, { recursive: true, force: true });
});

it('the service asks both by itself: a leak is confirmed, growing garbage is given back', async () => {
  const { config } = loadConfig({
    flags: { 'actionTriggers.confirmSuspects': true, 'autoOptimization.maxAutomations': 1000, sampleInterval: 500 },
    env: {},
    projectFile: false,
    readFile: () => null,
  });
  const source = openSource({ clock: systemClock, pssBudgetMsPerSecond: 0 });
  const engine = createEngine(config, {
    clock: systemClock,
    source,
    history: null,
    readRegistry: async () => ({ claims: [], problems: [] }),
    origin: 'service',
    ownPid: process.pid,
    // A service's detectors take hours; those of a run take a minute.
    leakPace: { profile: 'run', spacingMs: 400, reviewMs: 500 },
  });
  const { questions: acting } = createActing({
    engine,
    source,
    history: { query: async () => ({ buckets: [] }) as never },
    clock: systemClock,
    config,
    auditPath: join(dir, 'actions.jsonl'),
    runtimeDir: dir,
    inspector: tellHeaps(
      inspector,
      () => systemClock.nowMs(),
      ({ process, floor }) => void (floor !== null && engine.confirmLeak(process, floor)),
    ),
    captures: { capture: () => Promise.reject(new Error('not wanted')) },
  });
  const ours = [idOf(leaky), idOf(garbage)];
  /** Nobody else's process may be touched, and how full this machine is must not matter. */
  const onlyOurs = (seen: Observation): Observation => ({
    ...seen,
    severity: 'ok',
    processes: seen.processes.filter(({ id }) => ours.includes(id)),
  });
  const automation = await createAutomation(config, {
    acting,
    engine: {
      ...engine,
      observe: async () => {
        const seen = await engine.observe();
        return seen === null ? null : onlyOurs(seen);
      },
    },
    advice: { learning: createLearning(), recommend: async () => [] },
    clock: systemClock,
    random: Math.random,
    file: null,
    isStopped: async () => false,
    onProblem: (what, error) => {
      throw new Error(what, { cause: error });
    },
    pace: { decideMs: 500, targetRestMs: 1_000, confirmSpacingMs: 0 },
  });
  engine.start();
  try {
    /** What was said of each, without what did not change. */
    const said = new Map<string, string[]>(ours.map((id) => [id, []]));
    const isDone = (): boolean => {
      const [ofLeaky = [], ofGarbage = []] = ours.map((id) => said.get(id) ?? []);
      return ofLeaky.at(-1)?.endsWith('confirmed') === true && /suspected|leaking/.test(ofGarbage.at(-2) ?? '');
    };
    const untilMs = Date.now() + 240_000;
    while (Date.now() < untilMs && !isDone()) {
      await sleep(500);
      for (const { id, leak } of (await engine.observe())?.processes ?? []) {
        const words = `${leak?.verdict} ${leak?.finding.confirmation ?? 'open'}`;
        const before = said.get(id);
        if (before !== undefined && before.at(-1) !== words) before.push(words);
      }
    }
    expect(said.get(idOf(leaky))?.at(-1)).toMatch(/^(suspected|leaking) confirmed$/);
    // Suspected, collected, and what it had gained was gone.
    expect(said.get(idOf(garbage))?.at(-2)).toMatch(/^(suspected|leaking) open$/);
    expect(said.get(idOf(garbage))?.at(-1)).toMatch(/^clear /);
    expect(said.get(idOf(garbage))?.join()).not.toContain('confirmed');
    const { entries } = await acting.audit({ limit: 1000 });
    for (const id of ours) {
      const steps = entries.filter(({ process, event }) => process === id && event === 'step');
      expect(steps[0]).toMatchObject({ action: 'force_gc', origin: 'automation' });
    }
    expect(entries.find(({ event }) => event === 'planned')?.detail).toContain('confirmSuspects');
    expect([leaky.isAlive(), garbage.isAlive()]).toEqual([true, true]);
  } finally {
    await automation.close();
    await engine.stop();
    await source.close();
  }
}, 300_000);
