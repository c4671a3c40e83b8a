import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation, RampartEvent } from '../../../src/model/index.ts';
import { createAdvising } from '../../../src/service/advising.ts';
import { createLeakyPackages } from '../../../src/service/leaks/leaky-packages.ts';
import { createLearnedFile } from '../../../src/service/learned-file.ts';
import { outcome } from '../../support/advice/outcomes.ts';
import { leaking, MIB, NOW, observation, observed } from '../../support/advice/observation.ts';

let dir = '';
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'rampart-advising-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

const ON = { enabled: true, patternRecognition: true, adaptiveThresholds: true };

async function open(learningMode = ON) {
  let nowMs = NOW;
  let seen: Observation | null = observation();
  const problems: string[] = [];
  const listeners: ((event: RampartEvent) => void)[] = [];
  const path = join(dir, 'learned.json');
  const part = await createAdvising(
    { learningMode },
    {
      engine: {
        observe: async () => seen,
        subscribe: async (listener) => {
          listeners.push(listener);
          return () => undefined;
        },
      },
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
      file: createLearnedFile(path, (what) => problems.push(what)),
      automations: () => ({ lastHour: 0, limit: 5, enabled: false }),
      onProblem: (what) => problems.push(what),
    },
  );
  const publish = (event: RampartEvent): void => listeners.forEach((listener) => listener(event));
  return {
    ...part,
    path,
    problems,
    publish,
    see: (next: Observation | null) => (seen = next),
    tick: async (afterMs: number) => {
      nowMs += afterMs;
      if (seen !== null) seen = { ...seen, atMs: nowMs };
      publish({ type: 'tick', atMs: nowMs, processes: 1, memoryAvailableBytes: 1 });
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const done = (freed: number): RampartEvent => ({
  type: 'outcome',
  atMs: NOW,
  outcome: outcome(freed, { endedAtMs: NOW }),
});

describe('advising', () => {
  it('learns from outcomes, keeps it over a restart, and forgets on request', async () => {
    const first = await open();
    first.publish(done(50));
    first.publish(done(40));
    await first.close();
    const second = await open();
    const report = await second.questions.learned({});
    expect(report).toMatchObject({
      effects: [{ action: 'force_gc', role: 'some-mcp', outcomes: 2 }],
      summary: expect.stringContaining('2 outcomes'),
    });
    expect(await second.questions.forgetLearned({ role: 'some-mcp' })).toEqual({ forgotten: 1 });
    const third = await open();
    expect((await third.questions.learned({})).effects).toEqual([]);
  });

  it('learns nothing when it is switched off', async () => {
    const { publish, questions } = await open({ ...ON, enabled: false });
    publish(done(50));
    expect(await questions.learned({})).toMatchObject({
      effects: [],
      summary: expect.stringContaining('switched off'),
    });
  });

  it('learns what is usual for a role, but not from what leaks or from what nobody owns', async () => {
    const { see, tick, questions } = await open();
    const leaky = observed({ pid: 2, experience: 'leaky', leak: leaking(), footprintBytes: 5000 * MIB });
    const orphan = observed({ pid: 3, experience: 'orphan', lifecycle: 'orphan' });
    const young = observed({ pid: 4, experience: 'young', startedAtMs: null });
    for (let i = 0; i < 510; i += 1) {
      see(
        observation({
          processes: [
            observed({ pid: 1, footprintBytes: (300 + (i % 10)) * MIB, cpuPercent: 2 }),
            leaky,
            orphan,
            young,
          ],
        }),
      );
      await tick(60_000);
    }
    const { thresholds } = await questions.learned({});
    expect(thresholds.map(({ role, metric }) => `${role} ${metric}`)).toEqual([
      'some-mcp footprintBytes',
      'some-mcp cpuPercent',
    ]);
    const [usual, cpu] = thresholds;
    // 1.25 × 309 MiB, to 5 %.
    expect((usual?.value ?? 0) / (1.25 * 309 * MIB)).toBeGreaterThan(0.94);
    expect((usual?.value ?? 0) / (1.25 * 309 * MIB)).toBeLessThan(1.06);
    // A quiet server does not make 3 % an alarm.
    expect(cpu?.value).toBe(cpu?.floor);
  });

  it('tells what is unusual, which one large process does not make usual before half a day is over', async () => {
    const { see, tick, usualFootprint } = await open();
    const small = (pid: number) => observed({ pid, footprintBytes: 300 * MIB });
    const large = observed({ pid: 9, footprintBytes: 2000 * MIB });
    const many = [1, 2, 3, 4].map(small);
    const minutes = async (count: number, processes: readonly ReturnType<typeof observed>[]) => {
      for (let i = 0; i < count; i += 1) {
        see(observation({ processes }));
        await tick(60_000);
      }
      return (usualFootprint('some-mcp')?.value ?? 0) / MIB;
    };
    expect(await minutes(124, many)).toBe(0);
    expect(await minutes(6, many)).toBeGreaterThan(350);
    expect(usualFootprint('some-mcp')?.processes).toBe(4);
    // 700 looks of it beside 2,800 others: counted, they would have made it usual after six.
    expect(await minutes(700, [...many, large])).toBeLessThan(400);
    // Half a day and its share of a hundredth later it is what the role uses.
    expect(await minutes(120, [...many, large])).toBeGreaterThan(2000);
  });

  it.each([
    ['the switch of thresholds', { ...ON, adaptiveThresholds: false }],
    ['learning as a whole', { ...ON, enabled: false }],
  ])('tells nothing unusual with %s off, whatever was learned before', async (_what, mode) => {
    const first = await open();
    for (let i = 0; i < 510; i += 1) {
      first.see(observation({ processes: [observed({ pid: 1 })] }));
      await first.tick(60_000);
    }
    expect(first.usualFootprint('some-mcp')).not.toBeNull();
    await first.close();
    const again = await open();
    expect(again.usualFootprint('some-mcp')).toEqual(first.usualFootprint('some-mcp'));
    expect((await open(mode)).usualFootprint('some-mcp')).toBeNull();
    await again.questions.forgetLearned({ role: 'some-mcp' });
    expect(again.usualFootprint('some-mcp')).toBeNull();
  });

  it.each([
    ['torn', '{"version":1,"cells":[{"act'],
    ['hostile figures', '{"version":1,"cells":[],"widen":1e99,"seen":[],"usual":{"atMs":0,"roles":[]}}'],
    ['another version', '{"version":9}'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('begins anew after a file that is %s', async (_what, text) => {
    writeFileSync(join(dir, 'learned.json'), text);
    const { questions, problems, publish, close, path } = await open();
    expect(problems).toHaveLength(1);
    expect((await questions.learned({})).effects).toEqual([]);
    publish(done(50));
    await close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: 1, cells: [{ outcomes: 1 }] });
  });

  it('is not harmed by role names that mean something to JavaScript', async () => {
    const { see, tick, questions, publish, close } = await open();
    for (const experience of ['__proto__', 'constructor', 'toString']) {
      see(observation({ processes: [observed({ pid: 1, experience })] }));
      await tick(60_000);
      publish({ type: 'outcome', atMs: NOW, outcome: outcome(50, { role: experience, endedAtMs: NOW }) });
    }
    expect((await questions.learned({})).effects).toHaveLength(3);
    await close();
    const again = await open();
    expect(again.problems).toEqual([]);
    expect((await again.questions.learned({ role: '__proto__' })).effects).toHaveLength(1);
  });

  it('recommends from what was last seen, refuses nonsense, and says when nothing was seen', async () => {
    const { see, questions } = await open();
    see(observation({ processes: [observed({ pid: 1, lifecycle: 'orphan' })] }));
    expect(await questions.recommend({})).toMatchObject({ recommendations: [{ type: 'reap' }], more: 0 });
    await expect(questions.recommend({ limit: 0 })).rejects.toThrow('limit');
    see(null);
    await expect(questions.recommend({})).rejects.toMatchObject({ code: 'service-busy' });
  });
});

describe('libraries with a known leak', () => {
  const install = (name: string, version: string, at = dir): void => {
    const place = join(at, 'node_modules', name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version }));
  };
  const process = () => observed({ pid: 1, command: ['node', join(dir, 'app', 'server.js')], leak: leaking() });
  const names = () =>
    createLeakyPackages()
      .find([process()])
      .get('1:10')
      ?.map(({ name }) => name);

  it('are found where Node would find them, the nearest first', () => {
    install('zod', '3.25.76');
    install('undici', '7.0.0');
    install('@grpc/grpc-js', '1.4.2');
    expect(names()).toEqual(['zod', '@grpc/grpc-js']);
    install('zod', '4.3.6', join(dir, 'app'));
    expect(names()).toEqual(['@grpc/grpc-js']);
  });

  it('are not looked for beside a healthy program', () => {
    install('zod', '3.25.76');
    expect(createLeakyPackages().find([{ ...process(), leak: null }]).size).toBe(0);
  });
});
