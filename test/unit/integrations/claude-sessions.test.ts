import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeSessions } from '../../../src/integrations/claude-sessions.ts';
import { put, tree } from '../../support/integrations/files.ts';

const SAMPLE = JSON.parse(readFileSync('test/fixtures/claude-flow/claude-session-stale.json', 'utf8')) as Record<
  string,
  unknown
>;
const NAMESPACE = 'pid:[4026531836]';

function read(claudeConfigDir: string, namespace: string | null = NAMESPACE) {
  return claudeSessions({ claudeConfigDir, pidNamespace: async () => namespace }).read();
}

describe('Claude Code registry', () => {
  it('makes a claim of a real file', async () => {
    const root = tree({ 'sessions/2199.json': SAMPLE });
    expect(await read(root)).toEqual({
      problems: [],
      claims: [
        {
          kind: 'claude-session',
          pid: 2199,
          startTime: 115_445,
          claimedAtMs: expect.any(Number),
          client: 'claude-code',
          sessionId: 'f280b210-4812-4802-a94a-1c2766dc2712',
          agentId: null,
          role: 'agent',
          name: 'proj-e1',
          cwd: '/home/user/code/proj',
          status: 'busy',
          statusAtMs: 1_795_334_399_337,
          path: join(root, 'sessions/2199.json'),
        },
      ],
    });
  });

  it('dates a claim by the start of the session when that is older than the file', async () => {
    const root = tree({ 'sessions/2199.json': { ...SAMPLE, startedAt: 1_700_000_000_000 } });
    expect((await read(root)).claims[0]?.claimedAtMs).toBe(1_700_000_000_000);
  });

  it.each<[string, unknown, RegExp]>([
    ['empty', '', /^empty/],
    ['torn', JSON.stringify(SAMPLE).slice(0, 90), /^not complete/],
    ['a list', [1], /no pid/],
    ['null', 'null', /no pid/],
    ['without a pid', { ...SAMPLE, pid: undefined }, /no pid/],
    ['with a pid of text', { ...SAMPLE, pid: 'rm -rf' }, /no pid/],
    ['with a negative pid', { ...SAMPLE, pid: -1 }, /no pid/],
    ['with another pid than its name', { ...SAMPLE, pid: 1 }, /not the one in its file name/],
    ['of another container', { ...SAMPLE, pidDomain: 'linux:x:pid:[4026532000]' }, /another pid namespace/],
    ['huge', ' '.repeat(70_000), /bytes, more/],
  ])('gives a reason for a file that is %s', async (_, content, reason) => {
    const { claims, problems } = await read(tree({ 'sessions/2199.json': content }));
    expect(claims).toEqual([]);
    expect(problems).toEqual([{ path: expect.stringMatching(/2199\.json$/), reason: expect.stringMatching(reason) }]);
  });

  it('keeps what it can of a session with wrong fields, and nothing hostile', async () => {
    const hostile = {
      ...SAMPLE,
      procStart: 'Mon Nov 23',
      name: 'a\u001b[31mb\nsk-ant-abcdefghijkl',
      cwd: 7,
      status: {},
      statusUpdatedAt: -5,
    };
    const { claims } = await read(tree({ 'sessions/2199.json': hostile }));
    expect(claims[0]).toMatchObject({
      startTime: null,
      name: 'a [31mb [redacted]',
      cwd: null,
      status: null,
      statusAtMs: null,
    });
  });

  it('opens nothing but <pid>.json: no key, no link', async () => {
    const outside = tree({ 'x.json': { ...SAMPLE, pid: 7 } });
    const root = tree({
      'sessions/2199.json.key': 'secret',
      'sessions/2199.key': SAMPLE,
      'sessions/index.json': SAMPLE,
    });
    symlinkSync(join(outside, 'x.json'), join(root, 'sessions/7.json'));
    const { claims, problems } = await read(root);
    expect(claims).toEqual([]);
    expect(problems.map((problem) => problem.reason)).toEqual(['a symbolic link: refused']);
  });

  it('is quiet without the directory', async () => {
    expect(await read(tree())).toEqual({ claims: [], problems: [] });
    expect(await read('/does/not/exist')).toEqual({ claims: [], problems: [] });
  });

  it('follows changes', async () => {
    const root = tree({ 'sessions/2199.json': SAMPLE });
    const reader = claudeSessions({ claudeConfigDir: root, pidNamespace: async () => null });
    await reader.read();
    put(root, 'sessions/2199.json', { ...SAMPLE, status: 'idle' });
    put(root, 'sessions/5.json', { ...SAMPLE, pid: 5, pidDomain: 'linux:x:pid:[1]' });
    expect((await reader.read()).claims.map(({ pid, status }) => [pid, status])).toEqual([
      [2199, 'idle'],
      [5, 'busy'],
    ]);
  });
});
