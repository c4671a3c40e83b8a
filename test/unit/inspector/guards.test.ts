import { describe, expect, it } from 'vitest';
import { inspectorFlags } from '../../../src/sources/inspector/flags.ts';
import { judge, type Target } from '../../../src/sources/inspector/guards.ts';

/** A Node process that may be signalled. */
const FIT: Target = {
  pid: 7,
  innerPid: 7,
  state: 'sleeping',
  runtime: 'node',
  ageMs: 60_000,
  catches: true,
  blocks: false,
  flags: inspectorFlags(['node', 'server.js'], ''),
  stderr: 'other',
  sameNetwork: true,
  listening: [],
  isTaken: () => false,
  isLent: () => false,
  owner: { by: 'node', reason: '' },
};
const INSPECTOR = { inode: 1, port: 9229, isLoopback: true, address: '127.0.0.1' } as const;

describe('the guards', () => {
  it('let a grown-up Node process of our own be signalled, and say what they looked at', () => {
    const verdict = judge(FIT, 'none');
    expect(verdict).toMatchObject({ possible: true, way: 'signal' });
    expect(verdict.evidence.map(({ kind }) => kind)).toEqual([
      'runtime',
      'alive',
      'network',
      'not-disabled',
      'age',
      'catches-signal',
      'not-blocked',
      'own-handler',
      'stderr',
      'loopback',
      'port-free',
    ]);
  });

  const REFUSED: readonly (readonly [why: string, over: Partial<Target>, reason: RegExp])[] = [
    ['Bun', { runtime: 'bun' }, /Bun dies/],
    ['Python', { runtime: 'python' }, /Python dies/],
    ['a native program', { runtime: 'native' }, /native/],
    ['stopped', { state: 'stopped' }, /stopped/],
    ['a zombie', { state: 'zombie' }, /ended/],
    ['another network namespace', { sameNetwork: false }, /container/],
    ['an unknown network namespace', { sameNetwork: null }, /namespace/],
    ['--disable-sigusr1', { flags: inspectorFlags(['node', '--disable-sigusr1', 'x.js'], '') }, /--disable-sigusr1/],
    ['the same by NODE_OPTIONS', { flags: inspectorFlags(['node', 'x.js'], '--disable-sigusr1') }, /--disable-sigusr1/],
    ['too young', { ageMs: 1_999 }, /just started/],
    ['no handler', { catches: false }, /does not catch/],
    ['a blocked signal', { blocks: true }, /blocks/],
    ['a handler of the program', { owner: { by: 'program', reason: 'it has one' } }, /it has one/],
    ['an unknown handler', { owner: { by: 'unknown', reason: 'no symbols' } }, /not known: no symbols/],
    ['a terminal', { stderr: 'terminal' }, /terminal/],
    ['stdout and stderr in one', { stderr: 'stdout' }, /one channel/],
    ['stderr unknown', { stderr: 'unknown' }, /could not/],
    ['a public address', { flags: inspectorFlags(['node', '--inspect-port=0.0.0.0:9229', 'x.js'], '') }, /public/],
    ['the port in use', { isTaken: (port) => port === 9229 }, /port 9229/],
  ];
  it.each(REFUSED)('refuse %s', (_, over, reason) => {
    const verdict = judge({ ...FIT, ...over }, 'none');
    expect(verdict).toMatchObject({ possible: false, way: 'none' });
    expect(verdict.reason).toMatch(reason);
    expect(verdict.evidence.at(-1)?.detail).toBe(verdict.reason);
  });

  it('use an inspector that listens already, whatever speaks against a signal', () => {
    const closed: Partial<Target> = { catches: false, stderr: 'terminal', ageMs: 10 };
    expect(judge({ ...FIT, ...closed, listening: [INSPECTOR] }, 'none')).toMatchObject({ possible: true, way: 'port' });
    const onAny = {
      flags: inspectorFlags(['node', '--inspect=0', 'x.js'], ''),
      listening: [{ ...INSPECTOR, port: 40_001 }],
    };
    expect(judge({ ...FIT, ...closed, ...onAny }, 'none')).toMatchObject({ possible: true, way: 'port' });
    // A web server beside it: which of the two is the inspector cannot be told.
    const two = [...onAny.listening, { ...INSPECTOR, inode: 2, port: 8080 }];
    expect(judge({ ...FIT, ...onAny, listening: two }, 'none').way).toBe('signal');
    expect(judge({ ...FIT, listening: [{ ...INSPECTOR, isLoopback: false }] }, 'none').way).toBe('signal');
  });
});

it('a port that another Rampart holds for a moment is waited for, not refused', () => {
  const lent = { ...FIT, isTaken: () => true, isLent: () => true };
  expect(judge(lent, 'with-rampart').possible).toBe(true);
  expect(judge(lent, 'none').possible).toBe(false);
  expect(judge({ ...lent, isLent: () => false }, 'with-rampart').possible).toBe(false);
});

describe('flags of the inspector', () => {
  const PLAIN = { disablesSignal: false, listens: false, host: '127.0.0.1', port: 9229 };
  it.each([
    [['node', 'x.js'], '', PLAIN],
    [['node', '--inspect', 'x.js'], '', { ...PLAIN, listens: true }],
    [['node', '--inspect=9333', 'x.js'], '', { ...PLAIN, listens: true, port: 9333 }],
    [['node', '--inspect-brk=0.0.0.0:1', 'x.js'], '', { ...PLAIN, listens: true, host: '0.0.0.0', port: 1 }],
    [['node', '--inspect-port', '0', 'x.js'], '', { ...PLAIN, port: 0 }],
    [['node', '--inspect_port=0', 'x.js'], '', { ...PLAIN, port: 0 }],
    [['node', '--inspect-port=[::1]:77', 'x.js'], '', { ...PLAIN, host: '::1', port: 77 }],
    [['node', 'x.js'], '--inspect-port=0 --max-old-space-size=90', { ...PLAIN, port: 0 }],
    [['node', '--inspect-port=5', 'x.js'], '--inspect-port=0', { ...PLAIN, port: 5 }],
    // Words of the program are not Node's.
    [['node', 'x.js', '--inspect=1', '--disable-sigusr1'], '', PLAIN],
    [['node', '-r', './a.js', '--inspect=8', 'x.js'], '', { ...PLAIN, listens: true, port: 8 }],
    [['a title that the process chose'], '', PLAIN],
  ] as const)('%j with NODE_OPTIONS %j', (argv, options, expected) => {
    expect(inspectorFlags(argv, options)).toEqual(expected);
  });
});
