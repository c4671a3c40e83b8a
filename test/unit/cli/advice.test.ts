import { describe, expect, it } from 'vitest';
import { createLearning, report } from '../../../src/advice/index.ts';
import { runCli } from '../../../src/faces/cli/index.ts';
import type { AdviceQuery, ForgetOrder, LearnedQuery } from '../../../src/model/index.ts';
import { leaking, NOW, observation, observed } from '../../support/advice/observation.ts';
import { outcome } from '../../support/advice/outcomes.ts';
import { capture, fakeDeps, fakeRampart } from '../../support/cli/fake.ts';

async function cli(...argv: string[]) {
  const streams = capture(90, { NO_COLOR: '1', LANG: 'C.UTF-8' });
  const asked: (AdviceQuery | LearnedQuery | ForgetOrder)[] = [];
  const switched: string[] = [];
  const learning = createLearning();
  for (let i = 0; i < 5; i += 1) learning.learn(outcome(50, { role: 'evil\u001b[31m\nrole', endedAtMs: NOW }));
  const processes = [
    observed({ pid: 7, name: 'leaky\u001b[31m-mcp\nok', leak: leaking() }),
    observed({ pid: 8, lifecycle: 'orphan' }),
  ];
  const rampart = fakeRampart({
    recommend: async (query) => {
      asked.push(query);
      return report(observation({ processes }), { learned: learning, leakyPackages: new Map() }, query);
    },
    learned: async (query) => {
      asked.push(query);
      const automations = { lastHour: 2, limit: 5, enabled: true };
      return {
        schemaVersion: 1,
        atMs: NOW,
        effects: learning.effects(query, NOW),
        thresholds: [],
        automations,
        summary: '5 outcomes.',
      };
    },
    forgetLearned: async (order) => {
      asked.push(order);
      return { forgotten: 3 };
    },
  });
  const killSwitch = {
    isStopped: async () => switched.at(-1) === 'off',
    stop: async () => void switched.push('off'),
    release: async () => void switched.push('on'),
  };
  const code = await runCli(argv, fakeDeps({ connect: async () => rampart, killSwitch }), streams);
  return { code, asked, switched, out: streams.out(), err: streams.err() };
}

describe('rampart recommend', () => {
  it('says what to do, what it saves and how, without what a process wrote in escape codes', async () => {
    const { code, out } = await cli('recommend');
    expect(code).toBe(0);
    expect(out).toContain('A process leaks in its V8 heap, 100 MiB an hour.');
    expect(out).toContain('Saves 100 MiB, between 100 MiB and 100 MiB');
    expect(out).toContain('rampart cleanup --only orphans');
    expect(out).toContain('leaky [31m-mcp ok');
    expect(out).not.toContain('\u001b');
  });

  it('passes on target, kind and limit, and refuses others', async () => {
    const { asked } = await cli('recommend', '7:70', '--type', 'leak', '--limit', '3', '--json');
    expect(asked).toEqual([{ target: '7:70', type: 'leak', limit: 3 }]);
    expect(await cli('recommend', '--type', 'magic')).toMatchObject({
      code: 64,
      err: expect.stringContaining('wrapper-tax'),
    });
  });
});

describe('rampart learned', () => {
  it('lists what was learned with what it rests on', async () => {
    const { out } = await cli('learned');
    expect(out).toContain('Automatic actions: 2 of at most 5 in the last hour.');
    expect(out).toMatch(/force_gc {2}v8-heap {2}evil \[31m role/);
    expect(out).toMatch(/Saves 4\d\.\d MiB on average/);
    expect(out).toContain('5 outcomes');
  });

  it('forgets all, or one role or action', async () => {
    expect(await cli('learned', '--reset')).toMatchObject({ asked: [{}], out: 'Forgotten: 3 estimates.\n' });
    const { asked } = await cli('learned', '--reset', '--role', 'x', '--action', 'force_gc');
    expect(asked).toEqual([{ role: 'x', action: 'force_gc' }]);
    expect((await cli('learned', '--action', 'magic')).code).toBe(64);
  });
});

it('rampart automation stops and releases without a service', async () => {
  expect(await cli('automation', 'off')).toMatchObject({
    code: 0,
    switched: ['off'],
    out: expect.stringContaining('are stopped'),
  });
  expect(await cli('automation', 'on', '--json')).toMatchObject({
    switched: ['on'],
    out: expect.stringContaining('"stopped": false'),
  });
  expect((await cli('automation', 'maybe')).code).toBe(64);
});
