import { beforeEach, expect, test } from 'vitest';
import type { Metric, MetricsQuery, RampartEvent, Registry } from '../../../src/model/index.ts';
import { createEngine } from '../../../src/service/engine/engine.ts';
import type { Engine } from '../../../src/service/engine/shape.ts';
import {
  addAgent,
  addServer,
  createFakeClock,
  createFakeSource,
  type FakeClock,
  type FakeSource,
} from '../../support/service/fake-source.ts';

const SESSION = '11111111-2222-4333-8444-555555555555';
const MIB = 1024 * 1024;
const CONFIG = {
  sampleInterval: 1000,
  memoryThresholds: { warning: 0.75, critical: 0.85, emergency: 0.95 },
  room: { reserveShare: 0.15 },
};

let clock: FakeClock;
let source: FakeSource;
let appended: { subject: string; metric: Metric; tMs: number; value: number }[];
let problems: unknown[];
let registry: Registry;
let engine: Engine;

beforeEach(() => {
  clock = createFakeClock();
  source = createFakeSource(clock);
  appended = [];
  problems = [];
  registry = { claims: [], problems: [] };
  engine = createEngine(CONFIG, {
    clock,
    source,
    history: {
      append: (subject, metric, tMs, value) => appended.push({ subject, metric, tMs, value }),
      query: async (query: MetricsQuery) => ({
        subject: query.subject,
        metric: query.metric,
        stepMs: 1,
        buckets: [],
        heldFromMs: appended.some(({ subject }) => subject === query.subject) ? 1 : null,
        heldToMs: null,
      }),
      scan: async () => undefined,
      stats: () => ({ lastFlushError: null, droppedSamples: 0, bytes: 7 }),
    },
    readRegistry: async () => registry,
    origin: 'service',
    ownPid: 999,
    onProblem: (error) => problems.push(error),
  });
});

async function ticks(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    await engine.tick();
    clock.advance(1000);
  }
}

test('a session tree is billed with PSS that was read for the answer', async () => {
  addAgent(source, 100, SESSION);
  const server = addServer(source, 101, 100, SESSION);
  source.add(102);
  await ticks(2);
  server.pssBytes = 64 * MIB;
  const status = await engine.status();
  expect(status.sessions.map(({ sessionId, client }) => ({ sessionId, client }))).toEqual([
    { sessionId: SESSION, client: 'claude-code' },
  ]);
  expect(status.sessions[0]?.pssBytes).toBe(164 * MIB);
  expect(status.unattributed.map(({ pid }) => pid)).toEqual([102]);
  expect(status.summary).toBe('ok: 600 MiB of 1000 MiB available; 1 agent session using 164 MiB');
  expect(status.rampart.historyBytes).toBe(7);
});

test('the budget for PSS goes to what is largest and most out of date; the rest keeps its last reading', async () => {
  addAgent(source, 100, SESSION);
  for (let pid = 101; pid <= 110; pid += 1) addServer(source, pid, 100, SESSION);
  await engine.status();
  expect(source.footprintsRead).toHaveLength(11);
  source.footprintsRead.length = 0;
  source.footprintMs = 150;
  clock.advance(30_000);
  const grown = [...(await source.sample()).processes.values()].find(({ pid }) => pid === 107);
  if (grown !== undefined) Object.assign(grown, { rssBytes: 900 * MIB });
  const status = await engine.status();
  expect(source.footprintsRead).toEqual([107, 100, expect.any(Number)]);
  expect(
    status.sessions[0]?.processes.every(({ pssBytes, footprintAtMs }) => pssBytes !== null && footprintAtMs !== null),
  ).toBe(true);
});

test('many who ask at once get one answer; one who asks again soon causes no new sweep', async () => {
  addAgent(source, 100, SESSION);
  const answers = await Promise.all(Array.from({ length: 20 }, () => engine.status()));
  expect(new Set(answers).size).toBe(1);
  expect(source.sweeps).toEqual([{ complete: true }]);
  await engine.status();
  expect(source.sweeps).toHaveLength(1);
  clock.advance(1000);
  await engine.status();
  expect(source.sweeps).toHaveLength(2);
});

test('what starts becomes known one sweep later, or at once when somebody asks', async () => {
  source.add(50);
  await ticks(1);
  addAgent(source, 100, SESSION);
  await ticks(1);
  expect((await engine.snapshot()).sessions).toHaveLength(0);
  await ticks(1);
  expect((await engine.snapshot()).sessions).toHaveLength(1);
  addAgent(source, 200, SESSION.replace('1111', '9999'));
  clock.advance(1000);
  expect((await engine.status()).sessions).toHaveLength(2);
});

test('a server whose client has gone is an orphan within seconds, and names its session', async () => {
  const agent = addAgent(source, 100, SESSION);
  const server = addServer(source, 101, 100, SESSION);
  await ticks(4);
  source.end(agent);
  server.sample.ppid = 1;
  server.signs = { ...server.signs, stdinPeer: 'dead' };
  await ticks(4);
  const [orphan] = (await engine.listProcesses({ verdict: 'orphan' })).processes;
  expect(orphan).toMatchObject({ pid: 101, sessionId: SESSION, verdict: 'orphan' });
  expect((await engine.health()).checks.find(({ name }) => name === 'orphans')).toMatchObject({ level: 'warning' });
});

test('severity rises at once, falls only below the exit level, and is told each time', async () => {
  const heard: RampartEvent[] = [];
  await engine.subscribe((event) => heard.push(event));
  for (const available of [600, 240, 260, 290, 310, 40, 600]) {
    source.host.memoryAvailableBytes = available * MIB;
    await ticks(1);
  }
  const changes = heard.flatMap((event) => (event.type === 'severity' ? [`${event.from}>${event.to}`] : []));
  expect(changes).toEqual(['ok>warning', 'warning>ok', 'ok>emergency', 'emergency>ok']);
  expect((await engine.health()).severity).toBe('ok');
});

test('sessions that start and end are told once', async () => {
  const heard: string[] = [];
  await engine.subscribe((event) => {
    if (event.type === 'session:started' || event.type === 'session:ended') heard.push(event.type);
  });
  const agent = addAgent(source, 100, SESSION);
  await ticks(3);
  source.end(agent);
  await ticks(15);
  expect(heard).toEqual(['session:started', 'session:ended']);
});

test('history: agents in full, others their RSS, what stands still now and then, sessions as sums', async () => {
  addAgent(source, 100, SESSION);
  addServer(source, 101, 100, SESSION);
  source.add(102);
  await engine.status();
  await ticks(31);
  const metricsOf = (subject: string) =>
    new Set(appended.filter((each) => each.subject === subject).map(({ metric }) => metric));
  expect(metricsOf('102:1020')).toEqual(new Set(['rssBytes']));
  expect(metricsOf('100:1000')).toEqual(new Set(['rssBytes', 'anonBytes', 'cpuMs', 'pssBytes', 'swapBytes']));
  expect(metricsOf('host').size).toBe(5);
  expect(metricsOf('rampart')).toEqual(new Set(['rssBytes', 'cpuMs']));
  const session = appended.filter(({ subject, metric }) => subject === `session:${SESSION}` && metric === 'pssBytes');
  expect(session.at(-1)?.value).toBe(140 * MIB);
  expect(appended.filter(({ subject, metric }) => subject === '102:1020' && metric === 'rssBytes').length).toBeLessThan(
    6,
  );
  expect(
    appended.filter(({ subject, metric }) => subject === 'host' && metric === 'memoryAvailableBytes').length,
  ).toBeGreaterThan(30);
});

test('a look that fails is told and the next one works', async () => {
  source.failNext = new Error('EMFILE');
  await ticks(1);
  expect(problems).toHaveLength(1);
  addAgent(source, 100, SESSION);
  expect((await engine.status()).sessions).toHaveLength(1);
});

test('self: by ancestry, by environment, or why not', async () => {
  addAgent(source, 100, SESSION);
  addServer(source, 101, 100, SESSION);
  source.add(200, { ppid: 1 });
  const caller = { face: 'stdio', pid: 101, sessionId: null, clientName: null } as const;
  const byTree = await engine.self(caller);
  expect(byTree).toMatchObject({ session: { sessionId: SESSION }, process: { pid: 101 }, shareOfSessions: 1 });
  expect(byTree.shareOfHost).toBeCloseTo(0.14);
  expect(byTree.reason).toContain('process 101');
  const byEnvironment = await engine.self({ ...caller, pid: 7777, sessionId: SESSION });
  expect(byEnvironment).toMatchObject({ session: { sessionId: SESSION }, process: null });
  expect(await engine.self({ ...caller, pid: 200 })).toMatchObject({
    session: null,
    process: { pid: 200 },
    shareOfHost: null,
  });
  expect((await engine.self({ ...caller, pid: 7777 })).reason).toContain('is not seen here');
  expect((await engine.self({ ...caller, pid: null })).reason).toContain('neither');
  expect(await engine.self({ ...caller, pid: null, clientName: 'claude-code' })).toMatchObject({
    session: { sessionId: SESSION },
    reason: expect.stringContaining('a guess'),
  });
});

test('a caller that has just started is looked for before it is called unknown', async () => {
  addAgent(source, 100, SESSION);
  await engine.status();
  addServer(source, 101, 100, SESSION);
  const answer = await engine.self({ face: 'stdio', pid: 101, sessionId: null, clientName: null });
  expect(answer.session?.sessionId).toBe(SESSION);
});

test('queryMetrics: a bare pid, errors that name what there is', async () => {
  addAgent(source, 100, SESSION);
  await ticks(3);
  const query = { metric: 'rssBytes', fromMs: 0, toMs: 10, maxPoints: 10 } as const;
  expect((await engine.queryMetrics({ ...query, subject: '100' })).subject).toBe('100:1000');
  await expect(engine.queryMetrics({ ...query, subject: 'session:x' })).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining(`session:${SESSION}`),
  });
  const wrong = [{ metric: 'rss' as Metric }, { fromMs: 10 }, { maxPoints: 0 }, { maxPoints: 2001 }, { subject: '' }];
  for (const part of wrong) {
    await expect(engine.queryMetrics({ ...query, subject: 'host', ...part })).rejects.toMatchObject({
      code: 'bad-input',
    });
  }
});

test('doctor and health tell of files that could not be read', async () => {
  registry = { claims: [], problems: [{ path: '/x/sessions/1.json', reason: 'torn' }] };
  await ticks(1);
  expect((await engine.doctor()).checks).toContainEqual(
    expect.objectContaining({ name: '/x/sessions/1.json', works: false }),
  );
  expect((await engine.health()).checks.find(({ name }) => name === 'coverage')).toMatchObject({ level: 'warning' });
});

test('Rampart itself belongs to no session, whoever started it', async () => {
  addAgent(source, 100, SESSION);
  addServer(source, 999, 100, SESSION);
  const status = await engine.status();
  expect(status.sessions[0]?.processes.map(({ pid }) => pid)).toEqual([100]);
  expect(status.unattributed[0]).toMatchObject({ pid: 999, sessionId: null, serverName: 'rampart' });
});
