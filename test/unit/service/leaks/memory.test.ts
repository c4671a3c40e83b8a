import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore, openHistory } from '../../../../src/history/index.ts';
import type { LeakReport, Store } from '../../../../src/model/index.ts';
import { createEngine } from '../../../../src/service/engine/engine.ts';
import type { Engine } from '../../../../src/service/engine/shape.ts';
import { openRoleStore } from '../../../../src/service/leaks/roles.ts';
import {
  addAgent,
  addServer,
  createFakeClock,
  createFakeSource,
  type FakeProcess,
} from '../../../support/service/fake-source.ts';

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SESSION = '11111111-2222-4333-8444-555555555555';
const CONFIG = {
  sampleInterval: 10_000,
  memoryThresholds: { warning: 0.75, critical: 0.85, emergency: 0.95 },
  room: { reserveShare: 0.15 },
};

/** A machine that lives on while its services come and go, with one server that leaks 12 MiB an hour. */
function machine() {
  const clock = createFakeClock();
  const startMs = clock.nowMs();
  /** Each service opens a source of its own; what runs is the same. */
  const look = (before?: FakeProcess) => {
    const source = createFakeSource(clock);
    const agent = addAgent(source, 100, SESSION);
    const server = addServer(source, 101, 100, SESSION);
    for (const { facts } of [agent, server]) Object.assign(facts, { startedAtMs: startMs });
    if (before !== undefined) {
      Object.assign(server.sample, { rssBytes: before.sample.rssBytes, cpuMs: before.sample.cpuMs });
      Object.assign(server.facts, { startedAtMs: before.facts.startedAtMs });
    }
    return { source, server };
  };
  let seen = look();
  const store: Store = createMemoryStore();
  const problems: unknown[] = [];

  const serve = async (roles?: Awaited<ReturnType<typeof openRoleStore>>) => {
    seen = look(seen.server);
    const history = await openHistory({ store, clock, flushIntervalMs: 0 });
    const engine = createEngine(CONFIG, {
      clock,
      source: seen.source,
      history,
      readRegistry: async () => ({ claims: [], problems: [] }),
      origin: 'service',
      ownPid: 999,
      onProblem: (error) => problems.push(error),
      ...(roles === undefined ? {} : { leakRoles: roles }),
    });
    return {
      engine,
      end: async () => {
        await engine.stop();
        await history.close();
      },
    };
  };

  const live = async (engine: Engine, forMs: number, everyMs: number): Promise<void> => {
    for (let done = 0; done < forMs; done += everyMs) {
      clock.advance(everyMs);
      const hours = (clock.nowMs() - startMs) / HOUR_MS;
      const { server } = seen;
      server.sample.rssBytes = Math.round(((100 + 12 * hours) * MIB + 300_000 * Math.sin(hours * 40)) / 4096) * 4096;
      server.sample.cpuMs += everyMs * 0.05;
      await engine.tick();
    }
  };
  return { clock, now: () => seen, startMs, serve, live, problems };
}

const SERVER = '101:1010';
const ofServer = (report: LeakReport) => report.findings.find(({ process }) => process.pid === 101);

describe('a service that is started again', () => {
  it('knows what the one before it had seen: the verdict and since when', { timeout: 60_000 }, async () => {
    const { startMs, serve, live, problems } = machine();
    const first = await serve();
    await live(first.engine, 12 * HOUR_MS, 30_000);
    const before = ofServer(await first.engine.detectLeaks({ target: SERVER }));
    expect(before).toMatchObject({ verdict: 'leaking' });
    await first.end();

    const second = await serve();
    await live(second.engine, 2000, 1000);
    const early = ofServer(await second.engine.detectLeaks({ target: SERVER }));
    expect(early).toMatchObject({ verdict: 'insufficient-data' });
    await live(second.engine, MINUTE_MS, 1000);
    const after = ofServer(await second.engine.detectLeaks({ target: SERVER }));
    expect(after).toMatchObject({ verdict: 'leaking', watchedFromMs: before!.watchedFromMs });
    expect(after!.watchedFromMs).toBeLessThan(startMs + 2 * MINUTE_MS);
    expect(after!.score!).toBeCloseTo(before!.score!, 1);
    const rate = after!.finding.ratePerHourBytes! / before!.finding.ratePerHourBytes!;
    expect(rate).toBeGreaterThan(0.8);
    expect(rate).toBeLessThan(1.25);

    // It goes on from there.
    await live(second.engine, HOUR_MS, 30_000);
    const later = ofServer(await second.engine.detectLeaks({ target: SERVER }));
    expect(later).toMatchObject({ verdict: 'leaking' });
    expect(later!.finding.samples).toBeGreaterThan(after!.finding.samples + 100);
    await second.end();
    expect(problems).toEqual([]);
  });

  it('does not take the past of another process that had the same pid and start time', async () => {
    const { serve, live, now } = machine();
    const first = await serve();
    await live(first.engine, HOUR_MS, 30_000);
    await first.end();
    // After a reboot: ticks since boot may repeat, the wall clock does not.
    Object.assign(now().server.facts, { startedAtMs: now().server.facts.startedAtMs! + HOUR_MS + 1000 });
    const second = await serve();
    await live(second.engine, MINUTE_MS, 1000);
    const after = ofServer(await second.engine.detectLeaks({ target: SERVER }));
    expect(after!.finding.samples).toBeLessThan(20);
    await second.end();
  });

  it('runs on without its past when history cannot be read', async () => {
    const { clock, now, live } = machine();
    const problems: unknown[] = [];
    const engine = createEngine(CONFIG, {
      clock,
      source: now().source,
      history: {
        append: () => undefined,
        query: () => Promise.reject(new Error('no')),
        scan: () => Promise.reject(new Error('the disk is gone')),
        stats: () => ({ lastFlushError: null, droppedSamples: 0, bytes: 7 }),
      },
      readRegistry: async () => ({ claims: [], problems: [] }),
      origin: 'service',
      ownPid: 999,
      onProblem: (error) => problems.push(error),
    });
    await live(engine, MINUTE_MS, 1000);
    expect(problems.map(String)).toEqual(['Error: the disk is gone']);
    expect(ofServer(await engine.detectLeaks({ target: SERVER }))).toBeDefined();
    await engine.stop();
  });
});

describe('the prior of each command', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rampart-roles-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const path = () => join(dir, 'state', 'leak-roles.json');
  const open = async (problems: unknown[] = []) => openRoleStore(path(), Date.now(), (error) => problems.push(error));

  it('is carried over a restart', { timeout: 60_000 }, async () => {
    const { now, serve, live } = machine();
    const first = await serve(await open());
    await live(first.engine, 12 * HOUR_MS, 30_000);
    now().source.end(now().server);
    await live(first.engine, 2 * MINUTE_MS, 30_000);
    await first.end();
    const text = JSON.parse(readFileSync(path(), 'utf8')) as { version: number; roles: { leaks: number }[] };
    expect(text.version).toBe(1);
    expect(text.roles.map(({ leaks }) => leaks > 0.5)).toContain(true);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, 'state'))).toEqual(['leak-roles.json']);
    expect((await open()).known).toEqual(text.roles);
  });

  it('is not written when no life ended', async () => {
    const { serve, live } = machine();
    const first = await serve(await open());
    await live(first.engine, 5 * MINUTE_MS, 30_000);
    await first.end();
    expect(existsSync(path())).toBe(false);
  });

  it.each([
    ['torn', '{"version":1,"roles":[{"role":"a","li'],
    ['of a later version', '{"version":2,"roles":[]}'],
    ['no object', 'null'],
    ['too large', `{"version":1,"roles":[${' '.repeat(600_000)}]}`],
  ])('begins anew where the file is %s, and says so', async (_, text) => {
    await (await open()).save([]);
    writeFileSync(path(), text);
    const problems: unknown[] = [];
    const store = await open(problems);
    expect(store.known).toEqual([]);
    expect(problems).toHaveLength(1);
    await store.save([{ role: 'a', lives: 2, leaks: 1 }]);
    expect((await open()).known).toEqual([{ role: 'a', lives: 2, leaks: 1 }]);
  });

  it('leaves out what cannot be: names without end, more leaks than lives, no numbers', async () => {
    await (await open()).save([]);
    const good = { role: 'demo', lives: 3, leaks: 0.5 };
    const roles = [
      good,
      { role: 'x'.repeat(500), lives: 1, leaks: 0 },
      { role: 'b', lives: 1, leaks: 2 },
      { role: 'c', lives: 'many', leaks: 0 },
      { role: 'd', lives: 1, leaks: -1 },
      null,
      { __proto__: { role: 'e' } },
    ];
    writeFileSync(path(), JSON.stringify({ version: 1, roles }));
    expect((await open()).known).toEqual([good]);
  });
});
