import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { refusedTargets, type Refused } from '../support/inspector/refused.ts';
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

async function answers(child: Child): Promise<void> {
  const before = child.said().length;
  await until(() => child.said().length > before);
}

describe('looking into running Node processes', () => {
  let targets: Child[] = [];
  let garbage: Child;
  let worker: Child;
  let leaky: Child;
  let listening: Child;
  beforeAll(async () => {
    targets = await Promise.all(
      Array.from({ length: 10 }, (_, i) => node(`globalThis.kept = Buffer.alloc(${i} * ${MIB}, 1); ${ANSWERS}`)),
    );
    garbage = await node(
      // Old garbage: it has survived scavenges, so only a full collection frees it.
      `let a = []; for (let i = 0; i < 60; i++) a.push(new Array(131072).fill(i + 0.5)); process.on('SIGUSR2', () => { a = null; process.stdout.write('dropped'); }); ${ANSWERS}`,
    );
    worker = await node(
      `const { Worker } = require('node:worker_threads');
       new Worker('let kept = []; for (let i = 0; i < 3e5; i++) kept.push({ i }); setInterval(() => kept.length, 1000)', { eval: true, name: 'digger' });
       ${ANSWERS}`,
    );
    leaky = await node(
      `const cache = new Map(); let n = 0;
       function rememberAnswer(key) { cache.set(key, { key, rows: new Array(40).fill(n) }); }
       // Called in five ways, so that V8 does not inline it: what is inlined is charged to its caller.
       const steps = [rememberAnswer, (k) => k.length, (k) => k + 1, (k) => [k], (k) => ({ k })];
       function handleRequest() { for (let i = 0; i < 300; i++) steps[i % 5]('answer ' + (n += 1)); JSON.parse(JSON.stringify(new Array(8000).fill({ n }))); }
       setInterval(handleRequest, 10); ${ANSWERS}`,
    );
    listening = await node(ANSWERS, ['--inspect=0']);
    // A loaded machine takes seconds to start so many.
    for (const child of children) await until(() => child.said() !== '', 60_000);
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
      await answers(target);
      expect(target.isAlive()).toBe(true);
    }
    expect(openMs).toHaveLength(10);
  });

  it('lets two that ask at once wait for each other', async () => {
    const [first, second] = [targets[0], targets[1]];
    if (first === undefined || second === undefined) throw new Error('no targets');
    const asked = [first, second, first].map(({ id }) => inspector.attach(id, (open) => open.heaps()));
    expect((await Promise.all(asked)).map((heaps) => heaps.length)).toEqual([1, 1, 1]);
    expect(isListening(9229)).toBe(false);
  });

  it('frees old garbage, and says how much', async () => {
    garbage.child.kill('SIGUSR2');
    await until(() => garbage.said().includes('dropped'));
    const { freedBytes, rssBeforeBytes, rssAfterBytes, before, after } = await inspector.attach(garbage.id, (open) =>
      open.collect(),
    );
    expect(freedBytes / (60 * MIB)).toBeGreaterThan(0.9);
    expect(before[0]?.usedBytes).toBeGreaterThan(60 * MIB);
    expect(after[0]?.usedBytes).toBeLessThan(10 * MIB);
    expect(rssBeforeBytes - rssAfterBytes).toBeGreaterThan(30 * MIB);
    await answers(garbage);
  });

  it('sees the heaps of workers', async () => {
    const heaps = await inspector.attach(worker.id, (open) => open.heaps());
    expect(heaps).toHaveLength(2);
    expect(heaps[1]?.threadId).toBe(1);
    expect(heaps[1]?.usedBytes).toBeGreaterThan(5 * MIB);
    await answers(worker);
  });

  it('names the function that leaks, with the port closed while it waits', async () => {
    const seen: boolean[] = [];
    const timer = setInterval(() => seen.push(isListening(9229)), 100);
    let openMs = 0;
    const culprits = await inspector.attach(
      leaky.id,
      (open) => open.culprits(4_000),
      (ms) => (openMs = ms),
    );
    clearInterval(timer);
    expect(culprits[0]?.functionName).toBe('rememberAnswer');
    expect(culprits[0]?.stack.map(({ functionName }) => functionName)).toContain('handleRequest');
    expect(culprits[0]?.share).toBeGreaterThan(0.7);
    expect(openMs).toBeLessThan(3_000);
    expect(seen.filter((open) => open).length / seen.length).toBeLessThan(0.7);
    await answers(leaky);
  });

  it('counts collections in a window, and leaves nothing behind', async () => {
    const gc = await inspector.attach(leaky.id, (open) => open.gc(1_000));
    expect(gc.byKind.minor.count).toBeGreaterThan(0);
    expect(gc.share).toBeGreaterThan(0);
    expect(gc.share).toBeLessThan(0.5);
  });

  it('uses an inspector that was open before, and leaves it open', async () => {
    const check = await inspector.check(listening.id);
    expect(check.way).toBe('port');
    const heaps = await inspector.attach(listening.id, (open) => open.heaps());
    expect(heaps[0]?.usedBytes).toBeGreaterThan(MIB);
    expect((await inspector.check(listening.id)).way).toBe('port');
  });

  it('streams a heap snapshot', async () => {
    let text = '';
    const steps: number[] = [];
    const pauseMs = await inspector.attach(leaky.id, (open) =>
      open.snapshot(
        (chunk) => void (text += chunk),
        (done) => steps.push(done),
      ),
    );
    const { snapshot, nodes } = JSON.parse(text) as {
      snapshot: { node_count: number; meta: { node_fields: string[] } };
      nodes: number[];
    };
    expect(nodes).toHaveLength(snapshot.node_count * snapshot.meta.node_fields.length);
    expect(pauseMs).toBeGreaterThan(0);
    expect(steps.length).toBeGreaterThan(1);
    await answers(leaky);
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

  it('closes the inspector of a process that could not react in time, as soon as it opens', async () => {
    const busy = await node(
      `setTimeout(() => { require('node:fs').writeSync(1, 'busy'); require('node:child_process').execSync('sleep 5'); }, 2300); ${ANSWERS}`,
    );
    await until(() => busy.said().includes('busy'), 30_000);
    await expect(inspector.attach(busy.id, (open) => open.heaps())).rejects.toThrow(/did not open within/);
    // It opens when execSync returns; then it must be closed, and stay so.
    await answers(busy);
    await until(() => !isListening(9229), 5_000);
    await sleep(300);
    expect(isListening(9229)).toBe(false);
    expect(busy.isAlive()).toBe(true);
  });
});

describe('processes that must not be signalled', () => {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-refused-'));
  const cautious = createInspector({ clock: systemClock });
  let all: readonly Refused[] = [];
  const seen = new Set<Child>();
  beforeAll(async () => {
    all = await refusedTargets(dir, process.execPath);
    await sleep(GROWN_UP_MS);
  });
  afterAll(async () => {
    await cautious.close();
    await Promise.all([...seen].map((child) => child.end()));
    rmSync(dir, { recursive: true, force: true });
  });

  it('sixty attempts: each is refused with its reason, nobody dies', async () => {
    let attempts = 0;
    for (let round = 0; attempts < 60; round += 1) {
      for (const { name, target, reason } of all) {
        const { child, id, isFresh } = await target();
        seen.add(child);
        attempts += 1;
        const failure = await cautious
          .attach(id, (open) => open.heaps())
          .then(
            () => 'it was looked into',
            (error: unknown) => (error as Error).message,
          );
        expect(failure, name).toMatch(reason);
        expect((await cautious.check(id)).possible, name).toBe(false);
        expect(child.isAlive(), name).toBe(true);
        await sleep(isFresh ? 20 : 0);
        expect(child.isAlive(), name).toBe(true);
        if (isFresh) await child.end();
      }
    }
    await sleep(100);
    for (const child of seen) expect(child.isAlive() || child.child.killed).toBe(true);
  });
});
