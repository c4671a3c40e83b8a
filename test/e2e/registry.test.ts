import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { openRegistry, readRegistry } from '../../src/integrations/index.ts';
import { exitOf, firstLine, until } from '../support/integrations/child.ts';

let project = '';
let claude = '';
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rampart-registry-'));
  claude = mkdtempSync(join(tmpdir(), 'rampart-claude-'));
});
afterEach(() => {
  for (const path of [project, claude]) rmSync(path, { recursive: true, force: true });
});

const configOf = (env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ env: { CLAUDE_CONFIG_DIR: claude, ...env }, cwd: project, projectFile: false }).config;

/** Field 22 of /proc/PID/stat, told by another program than ours. */
const startTimeOf = (pid: number): number =>
  Number(execFileSync('sh', ['-c', `sed 's/.*) //' /proc/${pid}/stat | cut -d' ' -f20`], { encoding: 'utf8' }));

function put(root: string, name: string, content: unknown): void {
  const path = join(root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

it.runIf(process.platform === 'linux')(
  "the README's own code gives an agent that is known by pid and start time",
  async () => {
    const code = /```js\n(.*?)```/s.exec(readFileSync('memory/agents/README.md', 'utf8'))?.[1] ?? '';
    const argv = [
      '--input-type=module',
      '-e',
      `${code}\nprocess.stdout.write('written\\n'); setInterval(() => {}, 1000);`,
    ];
    const agent = spawn(process.execPath, argv, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await firstLine(agent);
      const { claims, problems } = await readRegistry(configOf());
      expect(problems).toEqual([]);
      expect(claims).toEqual([
        expect.objectContaining({
          kind: 'memory-bank',
          pid: agent.pid,
          startTime: startTimeOf(agent.pid ?? 0),
          agentId: 'coder-1',
          role: 'agent',
        }),
      ]);
    } finally {
      agent.kill('SIGKILL');
      await exitOf(agent);
    }
  },
);

it('every kind of file makes its claims, and every broken one its problem', async () => {
  put(
    claude,
    'sessions/2199.json',
    readFileSync('test/fixtures/claude-flow/claude-session-stale.json', 'utf8').replace(/"pidDomain":"[^"]*",/, ''),
  );
  put(claude, 'sessions/5.json', '{"pid":5,');
  put(project, '.claude-flow/daemon.pid', '70');
  put(project, '.claude-flow/daemon-children.json', { pids: [71], daemonPid: 70 });
  put(project, '.claude-flow/agents/store.json', '');
  put(project, 'memory/agents/a/state.json', { pid: 80 });
  put(project, 'memory/sessions/2026-11-23/s/metadata.json', { pid: 81 });
  const { claims, problems } = await readRegistry(configOf());
  expect(new Set(claims.map(({ kind, pid }) => `${kind} ${pid}`))).toEqual(
    new Set([
      'claude-session 2199',
      'claude-flow-daemon 70',
      'claude-flow-children 71',
      'memory-bank 80',
      'memory-bank 81',
    ]),
  );
  expect(
    problems.map(({ path }) => path.split('/').slice(-2).join('/')).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['agents/store.json', 'sessions/5.json']);
});

it('each part can be turned off', async () => {
  put(claude, 'sessions/5.json', { pid: 5, sessionId: 's' });
  put(project, '.claude-flow/daemon.pid', '70');
  put(project, 'memory/agents/a/state.json', { pid: 80 });
  const kinds = async (env: Readonly<Record<string, string>>) =>
    (await readRegistry(configOf(env))).claims.map(({ pid }) => pid);
  expect(await kinds({})).toEqual([5, 70, 80]);
  expect(await kinds({ RAMPART_INTEGRATIONS__CLAUDE_SESSIONS: 'off' })).toEqual([70, 80]);
  expect(await kinds({ RAMPART_INTEGRATIONS__CLAUDE_FLOW: 'off' })).toEqual([5, 80]);
  expect(await kinds({ RAMPART_INTEGRATIONS__MEMORY_BANK: 'off' })).toEqual([5, 70]);
});

it('an open registry keeps up with several projects within its watches, and closes', async () => {
  const projects = ['a', 'b', 'c'].map((name) => join(project, name));
  for (const [index, path] of projects.entries()) {
    for (let agent = 0; agent < 120; agent += 1)
      put(path, `memory/agents/x-${agent}/state.json`, { pid: 1 + index * 1000 + agent });
  }
  const registry = openRegistry({ ...configOf(), projects, watch: true });
  try {
    expect((await registry.read()).claims).toHaveLength(360);
    const watches = registry.banks.map((bank) => bank.stats().watched);
    expect(watches.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(250);
    expect(Math.min(...watches)).toBeGreaterThan(50);
    put(projects[1] ?? '', 'memory/agents/new/state.json', { pid: 99_999 });
    await until(async () => (await registry.read()).claims.some(({ pid }) => pid === 99_999));
  } finally {
    registry.close();
  }
  expect(registry.banks.map((bank) => bank.stats().watched)).toEqual([0, 0, 0]);
});

it('is cheap while nothing changes', async () => {
  for (let index = 0; index < 50; index += 1)
    put(claude, `sessions/${index + 1}.json`, { pid: index + 1, sessionId: `s-${index}` });
  execFileSync('find', [claude, '-type', 'f', '-exec', 'touch', '-d', '1 hour ago', '{}', '+']);
  const registry = openRegistry({ ...configOf(), watch: true });
  const first = await registry.read();
  const second = await registry.read();
  registry.close();
  expect(first.claims).toHaveLength(50);
  // The very same list of the same objects: nothing was read or parsed again, and who asks can see it at a glance.
  expect(second.claims).toBe(first.claims);
});
