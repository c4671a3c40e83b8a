import { describe, expect, it } from 'vitest';
import { createLearning, isLeaky, KNOWN_LEAKS, recommend, report, type Known } from '../../../src/advice/index.ts';
import { ACTIONS } from '../../../src/actions/index.ts';
import { automatic } from '../../../src/advice/steps.ts';
import type { Observation, Recommendation } from '../../../src/model/index.ts';
import { outcome } from '../../support/advice/outcomes.ts';
import { heap, HOUR, leaking, MIB, NOW, observation, observed, session } from '../../support/advice/observation.ts';

const nothingKnown = (): Known => ({ learned: createLearning(), leakyPackages: new Map() });

function advise(over: Partial<Observation>, known = nothingKnown()): Recommendation[] {
  return recommend(observation(over), known);
}

const only = (list: readonly Recommendation[], type: Recommendation['type']): Recommendation => {
  const found = list.filter((one) => one.type === type);
  expect(found).toHaveLength(1);
  return found[0] as Recommendation;
};

it('has nothing to say of a healthy machine', () => {
  const processes = [
    observed({ pid: 1 }),
    observed({ pid: 2, sessionId: 's-2', serverName: 'other', experience: 'other' }),
  ];
  expect(advise({ processes, sessions: [session({ sessionId: 's-1' })] })).toEqual([]);
  expect(report(observation({ processes }), nothingKnown(), {}).summary).toContain('Nothing to do');
});

describe('a leak', () => {
  const process = observed({ pid: 7, lifecycle: 'idle', footprintBytes: 900 * MIB, leak: leaking() });

  it('gives back by a restart what leaked so far, by the interval of its rate', () => {
    const one = only(advise({ processes: [process] }), 'leak');
    expect(one.estimatedMemorySavings).toMatchObject({
      bytes: 500 * MIB,
      lowBytes: 400 * MIB,
      highBytes: 600 * MIB,
      confidence: 0.8,
    });
    expect(one.title).toBe('A process leaks in its V8 heap, 100 MiB an hour.');
    expect(one.actions.map(({ type }) => type)).toEqual(['restart', 'upgrade', 'capture', 'force_gc', 'limit']);
    expect(one.actions[0]?.description).toContain('now is a good moment');
    // Never the whole heap by itself: that stops the target and needs a multiple of it.
    expect(one.actions[2]?.command).toBe('rampart snapshot 7:70 --light');
    const cap = one.actions.at(-1);
    expect(cap?.command).toBe(`rampart limit 7:70 --max ${1700 * MIB}`);
    expect(cap?.call).toBe(`apply_optimization(action="limit", target="7:70", max_bytes=${1700 * MIB})`);
    expect(one.rankBytes).toBeGreaterThan(300 * MIB);
  });

  it('is urgent when its limit is near, and never beyond what the process holds', () => {
    const forecast = {
      limitBytes: 1,
      limitSource: '',
      atMs: NOW + HOUR,
      earliestMs: NOW + HOUR / 2,
      latestMs: null,
      confidence: 0.8,
    };
    const soon = observed({
      pid: 7,
      footprintBytes: 300 * MIB,
      leak: { ...leaking(), forecast } as ReturnType<typeof leaking>,
    });
    expect(only(advise({ processes: [soon] }), 'leak')).toMatchObject({
      urgency: 'now',
      priority: 'critical',
      estimatedMemorySavings: { bytes: 300 * MIB },
    });
  });

  it('names the library that is known to leak, where one was found', () => {
    const zod = KNOWN_LEAKS.filter(({ name }) => name === 'zod');
    const known = { ...nothingKnown(), leakyPackages: new Map([[process.id, zod]]) };
    const upgrade = only(advise({ processes: [process] }, known), 'leak').actions.filter(
      ({ type }) => type === 'upgrade',
    );
    expect(upgrade).toHaveLength(1);
    expect(upgrade[0]).toMatchObject({ command: 'npm install zod@^4.3.6' });
    expect(upgrade[0]?.description).toContain('https://github.com/');
  });

  it('resumes a session only by an id that is fit for a shell', () => {
    const agent = (sessionId: string) =>
      observed({ pid: 9, role: 'agent', serverName: null, sessionId, leak: leaking() });
    const restart = (sessionId: string) => only(advise({ processes: [agent(sessionId)] }), 'leak').actions[0]?.command;
    expect(restart('bbf1be2d-863f')).toBe('claude --resume bbf1be2d-863f');
    for (const hostile of ['x; rm -rf ~', '$(id)', '--dangerously-skip-permissions', ''])
      expect(restart(hostile)).toBeNull();
  });

  it('puts last what harmed the last times', () => {
    const learned = createLearning();
    for (let i = 0; i < 4; i += 1) learned.learn(outcome(-80, { role: 'some-mcp', endedAtMs: NOW - 1000 + i }));
    const actions = only(advise({ processes: [process] }, { learned, leakyPackages: new Map() }), 'leak').actions;
    expect(actions.at(-1)?.type).toBe('force_gc');
  });
});

it('known leaks lie between two versions', () => {
  const [zod] = KNOWN_LEAKS;
  if (zod === undefined) throw new Error('no data');
  expect(['3.25.76', '4.0.0', '4.3.5'].map((version) => isLeaky(zod, version))).toEqual([true, true, true]);
  expect(['3.25.75', '4.3.6', '4.10.0', 'x', '', '4.3'].map((version) => isLeaky(zod, version))).toEqual(
    Array(6).fill(false),
  );
  for (const { leaky, fixed, source } of KNOWN_LEAKS) {
    expect(source).toMatch(/^https:\/\/github\.com\//);
    expect(isLeaky({ name: '', leaky, fixed, source, when: '' }, leaky)).toBe(true);
  }
});

describe('orphans and duplicates', () => {
  const orphans = [
    observed({ pid: 1, lifecycle: 'orphan' }),
    observed({ pid: 2, lifecycle: 'orphan', isProportional: false }),
  ];

  it('are one recommendation each, with what they hold', () => {
    const list = advise({ processes: [...orphans, observed({ pid: 3, lifecycle: 'duplicate' })] }).filter(
      ({ type }) => type === 'reap',
    );
    expect(list.map(({ title }) => title)).toEqual(['2 orphans hold 200 MiB.', '1 duplicate holds 100 MiB.']);
    expect(list[0]?.estimatedMemorySavings).toMatchObject({ bytes: 200 * MIB, lowBytes: 155 * MIB, basedOn: 0 });
    expect(list[0]?.actions[0]).toMatchObject({
      type: 'reap',
      automated: true,
      command: 'rampart cleanup --only orphans',
      call: 'apply_optimization(action="reap", target="orphans")',
    });
  });

  it('that come back at once are known to give back nothing', () => {
    const learned = createLearning();
    const reaped = { action: 'reap', finding: 'duplicate', risk: 'high' } as const;
    for (let i = 0; i < 12; i += 1) learned.learn(outcome(0, { ...reaped, endedAtMs: NOW - 1000 + i }));
    const [one] = advise(
      { processes: [observed({ pid: 3, lifecycle: 'duplicate' })] },
      { learned, leakyPackages: new Map() },
    );
    expect(one?.estimatedMemorySavings.bytes).toBeLessThan(15 * MIB);
    expect(one?.estimatedMemorySavings.basedOn).toBe(12);
    expect(one?.rankBytes).toBeLessThan(0);
  });
});

describe('wrappers', () => {
  const npx = (command: string[]) => observed({ pid: 1, role: 'wrapper', command, footprintBytes: 36 * MIB });
  const server = (command: string[]) => observed({ pid: 2, command, footprintBytes: 20 * MIB });

  it('of npx: the package is installed once and its own program is called', () => {
    const processes = [
      npx(['npm', 'exec', '@acme/files-mcp@1.2.3', '/home/u']),
      server(['node', '/home/u/.npm/_npx/ab12/node_modules/.bin/files-mcp', '/home/u']),
    ];
    const [action] = only(advise({ processes }), 'wrapper-tax').actions;
    expect(action?.command).toBe('npm install --global @acme/files-mcp');
    expect(action?.configuration).toEqual({ command: 'files-mcp', args: ['/home/u'] });
  });

  it('of a shell: what runs now is called without it', () => {
    const processes = [npx(['sh', '-c', 'node server.js --x']), server(['node', '/srv/server.js', '--x'])];
    const [action] = only(advise({ processes }), 'wrapper-tax').actions;
    expect(action).toMatchObject({
      command: null,
      configuration: { command: 'node', args: ['/srv/server.js', '--x'] },
    });
  });

  it.each(['foo; rm -rf ~', '$(id)', '../../x', 'UPPER', '`id`'])('never puts %s into a command', (name) => {
    const processes = [npx(['npm', 'exec', name]), server(['node', '/home/u/.npm/_npx/ab12/node_modules/x/cli.js'])];
    const [action] = only(advise({ processes }), 'wrapper-tax').actions;
    expect(action?.command ?? '').not.toContain(name);
    expect(action?.command ?? 'npm install').toMatch(/^npm install(?: --global [a-z0-9@/._~-]+)?$/);
  });
});

it('one server in many sessions is shared, and saves all copies but the largest', () => {
  const processes = [1, 2, 3].map((pid) => observed({ pid, sessionId: `s-${pid}`, footprintBytes: pid * 100 * MIB }));
  expect(only(advise({ processes }), 'fan-out')).toMatchObject({
    title: 'One MCP server runs 3 times, once per session: 600 MiB together.',
    estimatedMemorySavings: { bytes: 300 * MIB },
    processes: ['2:20', '1:10'],
  });
});

it('a finished session is ended, and can be resumed', () => {
  const processes = [
    observed({ pid: 1, role: 'agent', serverName: null, lifecycle: 'retained' }),
    observed({ pid: 2 }),
  ];
  const sessions = [session({ sessionId: 's-1', lifecycle: 'retained', processes: ['1:10', '2:20'] })];
  const one = only(advise({ processes, sessions }), 'retained-session');
  expect(one.estimatedMemorySavings.bytes).toBe(200 * MIB);
  expect(one.actions.map(({ command }) => command)).toEqual(['rampart act reap s-1', 'claude --resume s-1']);
});

it('heaps: slack is collected, a limit that does not fit is changed, an unknown one is looked at', () => {
  const slack = only(
    advise({ processes: [observed({ pid: 1, heap: heap(100, 400, 2048, true) })] }),
    'collect-garbage',
  );
  expect(slack.estimatedMemorySavings).toMatchObject({
    bytes: 150 * MIB,
    lowBytes: 0,
    highBytes: 300 * MIB,
    basedOn: 0,
  });
  expect(slack.actions.map(({ type }) => type)).toEqual(['force_gc', 'compact_heap', 'clear_caches']);
  const near = only(advise({ processes: [observed({ pid: 1, heap: heap(1900, 2000, 2048, true) })] }), 'heap-cap');
  expect(near.actions[0]?.description).toContain('--max-old-space-size=4096');
  const large = only(advise({ processes: [observed({ pid: 1, footprintBytes: 900 * MIB })] }), 'look-inside');
  expect(large.actions[0]?.command).toBe('rampart inspect 1:10');
});

it('hosts: full swap, no memory left, large files', () => {
  const { host } = observation();
  const swapping = { ...host, swapTotalBytes: 1000 * MIB, swapFreeBytes: 100 * MIB };
  const idle = observed({ pid: 1, lifecycle: 'idle', swapBytes: 80 * MIB });
  expect(only(advise({ host: swapping, processes: [idle] }), 'swap-bound').title).toBe(
    '90 % of swap is used: 900 MiB.',
  );
  expect(only(advise({ severity: 'emergency' }), 'exhaustion')).toMatchObject({ priority: 'critical', urgency: 'now' });
  const file = (path: string, kind: 'transcript' | 'database', bytes: number) => ({
    path,
    kind,
    sessionId: null,
    bytes,
    ratePerHourBytes: null,
  });
  const list = advise({
    files: [
      file('~/a.jsonl', 'transcript', 600 * MIB),
      file('~/b.db', 'database', 2048 * MIB),
      file('~/c.jsonl', 'transcript', MIB),
    ],
  });
  expect(list.map(({ type, priority }) => [type, priority])).toEqual([
    ['transcript-size', 'high'],
    ['database-size', 'medium'],
  ]);
});

it('gives each action the risk that it has', () => {
  const effect = { bytes: null, lowBytes: null, highBytes: null, confidence: null, basedOn: 0, reason: '' };
  for (const { name, risk } of ACTIONS) {
    expect([name, automatic(name, '1:1', { description: '', effect, time: '' }).risk]).toEqual([name, risk]);
  }
});
