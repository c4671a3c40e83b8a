import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeFlowPids } from '../../../src/integrations/claude-flow-pids.ts';
import { age, put, tree } from '../../support/integrations/files.ts';

const FIXTURES = 'test/fixtures/claude-flow';

function projectOf(version: string): string {
  const project = tree();
  cpSync(join(FIXTURES, version), project, { recursive: true });
  return project;
}

const read = (project: string) => claudeFlowPids({ project }).read();
const brief = async (project: string) => (await read(project)).claims.map(({ kind, pid }) => `${kind} ${pid}`);

describe('Claude-Flow pid files', () => {
  it('finds the daemon and its children in what 3.5 leaves, and no process in its records', async () => {
    const { claims, problems } = await read(projectOf('3.5.80'));
    expect(problems).toEqual([]);
    expect(claims.map(({ kind, pid, claimedAtMs }) => [kind, pid, claimedAtMs])).toEqual([
      ['claude-flow-daemon', 7092, Date.parse('2026-05-20T12:26:23.546Z')],
      ['claude-flow-children', 7408, Date.parse('2026-05-20T12:26:23.546Z')],
      ['claude-flow-children', 14_840, Date.parse('2026-05-20T12:26:23.546Z')],
    ]);
  });

  it.each(['2.7', '2.0.0-alpha.108'])('finds no process in what %s leaves', async (version) => {
    expect(await read(projectOf(version))).toEqual({ claims: [], problems: [] });
  });

  it.each<[string, string, unknown, string[]]>([
    ['a number', 'daemon.pid', '4711\n', ['claude-flow-daemon 4711']],
    ['an object', 'daemon.pid', { pid: 4711 }, ['claude-flow-daemon 4711']],
    [
      'children with rubbish between',
      'daemon-children.json',
      { pids: [1.5, 'x', null, 12, '13', -1, 0] },
      ['claude-flow-children 12', 'claude-flow-children 13'],
    ],
    ['a daemon state with a pid', 'daemon-state.json', { running: false, pid: 9 }, ['claude-flow-daemon 9']],
    ['a 2.7 agent with a pid', 'agents/coder-1.json', { id: 'coder-1', pid: 21 }, ['claude-flow-agent 21']],
    [
      'a store',
      'agents/store.json',
      { agents: { a: { agentId: 'a', pid: 31 }, b: { agentId: 'b' } } },
      ['claude-flow-agent 31'],
    ],
    ['agents.json', 'agents.json', { agents: { a: { agentId: 'a', pid: 32 } } }, ['claude-flow-agent 32']],
    [
      'a swarm',
      'swarm/swarm-state.json',
      { swarms: { s: { agents: [{ id: 'x', pid: 41 }, 'y'] } } },
      ['claude-flow-agent 41'],
    ],
    [
      'a hive',
      'hive-mind/state.json',
      { workers: ['w', { id: 'v', pid: 52 }], queen: { agentId: 'q', pid: 51 } },
      ['claude-flow-agent 52', 'claude-flow-agent 51'],
    ],
  ])('reads %s', async (_, file, content, expected) => {
    expect(await brief(tree({ [`.claude-flow/${file}`]: content }))).toEqual(expected);
  });

  it.each<[string, string, unknown, RegExp]>([
    ['an empty pid file', 'daemon.pid', '', /^empty/],
    ['a pid file of words', 'daemon.pid', 'running', /^not complete/],
    ['a pid file of a list', 'daemon.pid', [], /no pid/],
    ['children without a list', 'daemon-children.json', {}, /no list/],
    ['a torn store', 'agents/store.json', '{"agents":{"a"', /^not complete/],
    ['a store of text', 'agents/store.json', '"x"', /not an object/],
    ['a huge file', 'swarm/swarm-state.json', ' '.repeat(1024 * 1024 + 1), /more than/],
  ])('gives a reason for %s', async (_, file, content, reason) => {
    const { claims, problems } = await read(tree({ [`.claude-flow/${file}`]: content }));
    expect(claims).toEqual([]);
    expect(problems.map((problem) => problem.reason)).toEqual([expect.stringMatching(reason)]);
  });

  it('lets no secret of a hive out', async () => {
    const state = {
      hiveToken: 'super-secret',
      queen: { agentId: 'q', pid: 5, name: 'sk-ant-0123456789abc', hiveToken: 'super-secret' },
    };
    const text = JSON.stringify(await read(tree({ '.claude-flow/hive-mind/state.json': state })));
    expect(text).not.toMatch(/super-secret|sk-ant-/);
    expect(text).toContain('"pid":5');
  });

  it('refuses a .claude-flow that leads out of the project', async () => {
    const outside = tree({ 'daemon.pid': '4711' });
    const project = tree();
    symlinkSync(outside, join(project, '.claude-flow'));
    const { claims, problems } = await read(project);
    expect(claims).toEqual([]);
    expect(problems[0]?.reason).toMatch(/leads out/);
  });

  it('reads nothing again while nothing changes, and forgets what went away', async () => {
    const project = tree({ '.claude-flow/daemon.pid': '1' });
    age(join(project, '.claude-flow/daemon.pid'));
    const reader = claudeFlowPids({ project });
    const first = await reader.read();
    expect((await reader.read()).claims[0]).toBe(first.claims[0]);
    put(project, '.claude-flow/daemon.pid', '22');
    expect((await reader.read()).claims[0]?.pid).toBe(22);
  });
});
