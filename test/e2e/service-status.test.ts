import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StatusReport } from '../../src/model/index.ts';
import { ensureService, type ServiceClient } from '../../src/service/socket/ensure.ts';
import { openSandbox, type Sandbox, until } from '../support/service/sandbox.ts';
import { createSwarm, PROGRAMS, type StandInAgent, type Swarm } from '../support/swarm/swarm.ts';

const ID = '77777777-7777-4777-8777-777777777777';

/** PSS + swap by the kernel's own words, read by nothing of ours. */
function smapsBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return (kib('Pss') + kib('SwapPss')) * 1024;
}

describe.runIf(process.platform === 'linux')('the service beside a real session', () => {
  let sandbox: Sandbox;
  let swarm: Swarm;
  let agent: StandInAgent;
  let client: ServiceClient;

  beforeAll(async () => {
    sandbox = openSandbox();
    swarm = createSwarm();
    sandbox.env['CLAUDE_CONFIG_DIR'] = swarm.configDir;
    agent = await swarm.startAgent(ID);
    await agent.start({ command: 'npx', args: ['--no-install', 'swarm-mcp'], cwd: swarm.project, handshake: true });
    await agent.start({ command: process.execPath, args: [PROGRAMS, 'server'], handshake: true });
    await agent.start({ command: '/bin/bash', args: ['-c', 'sleep 600; :'], tool: true });
    client = await ensureService({ face: 'cli', autoStart: true, env: sandbox.env, deadlineMs: 100_000 });
  });

  afterAll(async () => {
    await client.close();
    await swarm.end();
    await sandbox.dispose();
  });

  const session = (status: StatusReport) => status.sessions.find(({ sessionId }) => sessionId === ID);

  test('names session, servers, wrapper and child; PSS within 2 % of the sum of smaps_rollup at that moment', async () => {
    await until('the tree is complete', async () => (session(await client.status())?.byRole.server.count ?? 0) === 2);
    const errors: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const found = session(await client.status());
      const independent = (found?.processes ?? []).reduce((sum, { pid }) => sum + smapsBytes(pid), 0);
      expect(found?.byRole).toMatchObject({ agent: { count: 1 }, server: { count: 2 } });
      expect(found?.byRole.wrapper.count).toBeGreaterThanOrEqual(1);
      expect(found?.byRole.tool.count).toBeGreaterThanOrEqual(1);
      expect(independent).toBeGreaterThan(10 * 1024 * 1024);
      errors.push(Math.abs((found?.totalBytes ?? 0) - independent) / independent);
    }
    // Processes of other tests come and go between the two readings and share pages with ours: the typical round counts.
    expect(errors.toSorted((a, b) => a - b)[2]).toBeLessThan(0.02);
  });

  test('a caller in the tree is told its own session, one outside is told why not', async () => {
    const found = session(await client.status());
    const server = found?.processes.find(({ role }) => role === 'server');
    const caller = { face: 'stdio', sessionId: null, clientName: null } as const;
    const self = await client.self({ ...caller, pid: server?.pid ?? 0 });
    expect(self).toMatchObject({ session: { sessionId: ID }, process: { id: server?.id } });
    expect(self.shareOfHost).toBeGreaterThan(0);
    const stranger = await client.self({ ...caller, pid: 1 });
    expect(stranger).toMatchObject({ session: null, reason: expect.stringContaining('no agent') });
  });

  test('a page of processes goes on where the last one ended', async () => {
    const first = await client.listProcesses({ sessionId: ID, sort: 'age', limit: 2 });
    const second = await client.listProcesses({ sessionId: ID, limit: 500, cursor: first.nextCursor ?? '' });
    const ids = [...first.processes, ...second.processes].map(({ id }) => id);
    expect(new Set(ids).size).toBe(first.total);
    expect(second.nextCursor).toBeNull();
    await expect(client.listProcesses({ cursor: 'x' })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(client.listProcesses({ role: 'boss' as 'agent' })).rejects.toMatchObject({
      hint: expect.stringContaining('agent, server'),
    });
  });

  test('history has the session, and an unknown subject is answered with known ones', async () => {
    const query = { metric: 'rssBytes', fromMs: 0, toMs: Date.now() + 60_000, maxPoints: 10 } as const;
    await until('a look was recorded', async () =>
      client.queryMetrics({ ...query, subject: `session:${ID}` }).then(
        ({ buckets }) => buckets.length > 0,
        () => false,
      ),
    );
    await expect(client.queryMetrics({ ...query, subject: 'session:none' })).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining(`session:${ID}`),
    });
  });

  test('what a killed agent leaves behind is an orphan of its session within half a minute', async () => {
    await agent.kill();
    await until('its servers are orphans', async () => {
      const { processes } = await client.listProcesses({ verdict: 'orphan', sessionId: ID });
      return processes.filter(({ role }) => role === 'server').length >= 1;
    });
    expect((await client.health()).checks.find(({ name }) => name === 'orphans')).toMatchObject({ level: 'warning' });
  });
});
