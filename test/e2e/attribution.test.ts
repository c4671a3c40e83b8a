import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRegistry } from '../../src/integrations/index.ts';
import type { RegistryClaim } from '../../src/model/index.ts';
import { eventually } from '../support/processes/worker.ts';
import { openWatch, type RealWatch } from '../support/swarm/real-watch.ts';
import { createSwarm, PROGRAMS, type Swarm } from '../support/swarm/swarm.ts';

const OUTER = '11111111-1111-4111-8111-111111111111';
const INNER = '22222222-2222-4222-8222-222222222222';

let swarm: Swarm;
let watch: RealWatch;

beforeEach(() => {
  swarm = createSwarm();
  watch = openWatch();
});
afterEach(async () => {
  await watch.close();
  await swarm.end();
});

async function claims(): Promise<readonly RegistryClaim[]> {
  const integrations = {
    claudeSessions: true,
    claudeFlow: false,
    hiveDb: false,
    memoryBank: false,
    memoryIntegrationFile: false,
  };
  return (await readRegistry({ claudeConfigDir: swarm.configDir, projects: [], integrations })).claims;
}

/** Parents from a process upwards, by pid. */
function chain(pid: number, until: number): number[] {
  const pids = [pid];
  for (let at = watch.row(pid).sample.ppid; at !== until && at > 1; at = watch.row(at).sample.ppid) pids.push(at);
  return pids;
}

describe.runIf(process.platform === 'linux')('a real tree', () => {
  test('agent, direct server, npx server with its wrappers, and a Bash tool', async () => {
    const agent = await swarm.startAgent(OUTER);
    const direct = await agent.start({ command: process.execPath, args: [PROGRAMS, 'server'], handshake: true });
    const npx = await agent.start({
      command: 'npx',
      args: ['--no-install', 'swarm-mcp'],
      cwd: swarm.project,
      handshake: true,
    });
    const bash = await agent.start({
      command: 'bash',
      args: ['-c', 'source /nowhere/shell-snapshots/snapshot-bash-1.sh 2>/dev/null; sleep 100; true'],
      tool: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await watch.look(await claims());

    expect(watch.attribution(agent.pid)).toMatchObject({
      role: 'agent',
      client: 'claude-code',
      sessionId: OUTER,
      confidence: 98,
    });
    expect(watch.attribution(direct.pid)).toMatchObject({
      role: 'server',
      sessionId: OUTER,
      serverHead: watch.row(direct.pid).sample.key,
    });

    const serverPid = npx.answer?.serverInfo.pid ?? 0;
    const pids = chain(serverPid, agent.pid);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    expect(pids.at(-1)).toBe(npx.pid);
    const head = watch.row(npx.pid).sample.key;
    expect(pids.map((pid) => watch.attribution(pid).role)).toEqual(['server', ...pids.slice(1).map(() => 'wrapper')]);
    for (const pid of pids) {
      expect(watch.attribution(pid)).toMatchObject({
        serverName: 'swarm-mcp',
        serverHead: head,
        sessionId: OUTER,
        client: 'claude-code',
      });
    }

    expect(watch.attribution(bash.pid)).toMatchObject({
      role: 'tool',
      sessionId: OUTER,
      agent: watch.row(agent.pid).sample.key,
    });
    // On a busy machine bash takes its time to start what it was told to.
    const sleeping = await eventually('the sleep below bash', async () => {
      await watch.look(await claims());
      return [...watch.rows().values()].find(({ sample }) => sample.ppid === bash.pid);
    });
    expect(sleeping.attribution).toMatchObject({ role: 'tool', sessionId: OUTER });
  });

  test('an agent inside an agent has its own session, and its servers are its own', async () => {
    const outer = await swarm.startAgent(OUTER);
    const inner = await outer.start({
      command: 'bash',
      args: [
        '-c',
        `source x/shell-snapshots/snapshot-bash-2.sh 2>/dev/null; ${swarm.claude} ${PROGRAMS} agent ${INNER} ${swarm.configDir}; true`,
      ],
      tool: true,
      handshake: false,
    });
    await expect
      .poll(
        async () => {
          await watch.look(await claims());
          return [...watch.rows().values()]
            .filter(({ attribution }) => attribution.sessionId === INNER)
            .map(({ attribution }) => attribution.role);
        },
        { timeout: 20_000 },
      )
      .toEqual(['agent']);
    const nested = [...watch.rows().values()].find(({ attribution }) => attribution.sessionId === INNER);
    expect(nested?.facts.env['CLAUDE_CODE_SESSION_ID']).toBe(OUTER);
    expect(nested?.attribution.evidence.map(({ kind }) => kind)).toContain('env-outer-session');
    expect(watch.attribution(inner.pid)).toMatchObject({ role: 'tool', sessionId: OUTER });
  });

  test('after kill -9 the session is still known: by environment, and by memory where there is none', async () => {
    const claude = await swarm.startAgent(OUTER);
    const codex = await swarm.startAgent('unused', { client: 'codex' });
    const told = await claude.start({ command: process.execPath, args: [PROGRAMS, 'server'], handshake: true });
    const bare = await codex.start({
      command: process.execPath,
      args: [PROGRAMS, 'server'],
      bare: true,
      detached: true,
      handshake: true,
    });
    await watch.look(await claims());
    const codexSession = watch.attribution(codex.pid).sessionId;
    expect(watch.attribution(bare.pid)).toMatchObject({ role: 'server', client: 'codex', sessionId: codexSession });
    await Promise.all([claude.kill(), codex.kill()]);

    await watch.look(await claims());
    expect(watch.attribution(told.pid)).toMatchObject({ role: 'server', sessionId: OUTER, agent: null });
    expect(watch.attribution(bare.pid)).toMatchObject({
      role: 'server',
      client: 'codex',
      sessionId: codexSession,
      agent: null,
    });

    // Somebody who looks only now knows the first by its environment; the second is only a program.
    const late = openWatch();
    await late.look(await claims());
    expect(late.attribution(told.pid)).toMatchObject({ role: 'server', sessionId: OUTER, agent: null });
    expect(late.attribution(bare.pid).sessionId).toBeNull();
    await late.close();
  });
});
