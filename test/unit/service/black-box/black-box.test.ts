import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../../src/history/index.ts';
import type { Death, ProcessKey, RampartEvent, RawExit, Registry, Store } from '../../../../src/model/index.ts';
import { type BlackBox, openBlackBox } from '../../../../src/service/black-box/black-box.ts';
import { createEngine } from '../../../../src/service/engine/engine.ts';
import type { Engine } from '../../../../src/service/engine/shape.ts';
import {
  addAgent,
  addServer,
  createFakeClock,
  createFakeSource,
  type FakeClock,
  type FakeSource,
} from '../../../support/service/fake-source.ts';

const SESSION = '11111111-2222-4333-8444-555555555555';
const OTHER_SESSION = '99999999-2222-4333-8444-555555555555';
const CONFIG = {
  sampleInterval: 1000,
  memoryThresholds: { warning: 0.75, critical: 0.85, emergency: 0.95 },
  room: { reserveShare: 0.15 },
};

let clock: FakeClock;
let source: FakeSource;
let store: Store;
let engine: Engine;
let box: BlackBox;
let exits: Map<ProcessKey, RawExit>;
let registry: Registry;
let recordLeft: boolean;
let oomKills: number;
let bootId: string;
let deaths: Death[];
let problems: unknown[];

beforeEach(() => {
  clock = createFakeClock();
  source = createFakeSource(clock);
  store = createMemoryStore();
  exits = new Map();
  registry = { claims: [], problems: [] };
  recordLeft = true;
  oomKills = 0;
  bootId = 'boot-1';
  problems = [];
});

/** A service on the machine as it is now: the world outlives it. */
async function start(): Promise<void> {
  deaths = [];
  engine = createEngine(CONFIG, {
    clock,
    source,
    history: null,
    readRegistry: async () => registry,
    origin: 'service',
    ownPid: 999,
    onProblem: (error) => problems.push(error),
  });
  box = await openBlackBox({
    engine,
    clock,
    store,
    query: async ({ subject, metric }) => ({
      subject,
      metric,
      stepMs: 1,
      buckets: [],
      heldFromMs: null,
      heldToMs: null,
    }),
    exits: {
      capability: async () => ({ name: 'x', works: true, detail: '', fix: null }),
      ask: async () => exits,
      close: async () => undefined,
    },
    zombie: () => null,
    runsNow: () => null,
    traces: {
      counters: () => ({ atMs: clock.nowMs(), host: oomKills, cgroups: new Map() }),
      kernelLog: async () => null,
      daemonLog: async () => null,
      files: async () => ({ report: null, core: false }),
      capabilities: async () => [],
    },
    sessionFiles: {
      find: async () => ({ path: '/home/u/t.jsonl', bytes: 1000 }),
      taskEndings: async () => null,
      recordLeft: () => recordLeft,
    },
    audit: async () => [],
    shortPath: (path) => path,
    bootId,
    onProblem: (error) => problems.push(error),
    settleMs: 0,
  });
  await engine.subscribe((event: RampartEvent) => {
    if (event.type === 'death') deaths.push(event.death);
  });
  await ticks(3);
}

async function ticks(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    await engine.tick();
    clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const told = (signal: number): RawExit => ({ status: signal, atMs: clock.nowMs(), from: 'witness' });

describe('the black box', () => {
  test('an OOM kill is told by the count, and remembered over a restart', async () => {
    addAgent(source, 100, SESSION);
    const server = addServer(source, 101, 100, SESSION);
    await start();
    oomKills = 1;
    exits.set(server.sample.key, told(9));
    source.end(server);
    await ticks(2);
    expect(deaths).toHaveLength(1);
    expect(deaths[0]).toMatchObject({ killer: 'kernel-oom', signal: 'SIGKILL', role: 'server', sessionId: SESSION });
    await box.close();
    await start();
    const { deaths: kept } = await box.postMortem({ target: server.sample.key });
    expect(kept.map(({ killer }) => killer)).toEqual(['kernel-oom']);
    expect(problems).toEqual([]);
  });

  test('a session that ends at once is one death', async () => {
    const agent = addAgent(source, 100, SESSION);
    const servers = [101, 102, 103].map((pid) => addServer(source, pid, 100, SESSION));
    await start();
    for (const one of [agent, ...servers]) {
      exits.set(one.sample.key, told(9));
      source.end(one);
    }
    await ticks(2);
    expect(deaths.map(({ role }) => role)).toEqual(['agent']);
    expect(deaths[0]?.companions.map(({ role, signal }) => `${role} ${signal}`)).toEqual(
      Array(3).fill('server SIGKILL'),
    );
    expect(deaths[0]?.resume).toBe(`cd /code && claude --resume ${SESSION}`);
  });

  test('who died while no service ran is reported with an honest interval, once', async () => {
    addAgent(source, 100, SESSION);
    addServer(source, 101, 100, SESSION);
    addAgent(source, 200, OTHER_SESSION);
    addServer(source, 201, 200, OTHER_SESSION);
    await start();
    const lastSeenMs = clock.nowMs();
    await box.close();
    clock.advance(3_600_000);
    source = createFakeSource(clock);
    addServer(source, 101, 100, SESSION);
    addAgent(source, 200, OTHER_SESSION);
    await start();
    const byPid = new Map(deaths.map((death) => [death.process.pid, death]));
    // The dead agent's server lives on; the living agent's server does not.
    expect(new Set(byPid.keys())).toEqual(new Set([100, 201]));
    const death = byPid.get(100);
    expect(death).toMatchObject({ exitCode: null, signal: null, hostAvailableBytes: null, ordinary: false });
    expect(death?.diedAfterMs).toBeLessThanOrEqual(lastSeenMs);
    expect((death?.diedBeforeMs ?? 0) - (death?.diedAfterMs ?? 0)).toBeGreaterThanOrEqual(3_600_000);
    expect(death?.unknown['signal']).toBe('it died while Rampart was not running');
    await box.close();
    source = createFakeSource(clock);
    addServer(source, 101, 100, SESSION);
    addAgent(source, 200, OTHER_SESSION);
    await start();
    expect(deaths).toEqual([]);
  });

  test('after a reboot everything is gone with the machine', async () => {
    addAgent(source, 100, SESSION);
    await start();
    await box.close();
    bootId = 'boot-2';
    await start();
    expect(deaths.map(({ killer, role }) => `${killer} ${role}`)).toEqual(['shutdown agent']);
  });

  test('a server that follows its agent a moment later is part of its end', async () => {
    const agent = addAgent(source, 100, SESSION);
    const server = addServer(source, 101, 100, SESSION);
    await start();
    exits.set(agent.sample.key, told(15));
    source.end(agent);
    await ticks(2);
    exits.set(server.sample.key, told(15));
    source.end(server);
    await ticks(2);
    expect(deaths.map(({ role }) => role)).toEqual(['agent']);
  });
});
