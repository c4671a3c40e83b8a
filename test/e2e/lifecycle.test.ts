import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantHealthy, type Planted, plantOrphans } from '../support/swarm/planted.ts';
import { openWatch, type RealWatch } from '../support/swarm/real-watch.ts';
import { createSwarm, PROGRAMS, type Swarm } from '../support/swarm/swarm.ts';

const DEAD = '33333333-3333-4333-8333-333333333333';
const LIVE = '44444444-4444-4444-8444-444444444444';
const tmuxSocket = `rampart-${process.pid}`;
const hasPython = spawnSync('python3', ['-V'], { stdio: 'ignore' }).error === undefined;

/** How many of each kind have this verdict. */
function counted(planted: Planted, watch: RealWatch, verdict: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [pid, kind] of planted) {
    counts[kind] = (counts[kind] ?? 0) + (watch.verdict(pid).verdict === verdict ? 1 : 0);
  }
  return counts;
}

function ofEachKind(planted: Planted): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of planted.values()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

describe.runIf(process.platform === 'linux')('100 orphans among 100 healthy processes', () => {
  let swarm: Swarm;
  let watch: RealWatch;
  let orphans: Planted;
  let healthy: Planted;
  const wrongly: string[] = [];

  const noteWrongOrphans = (): void => {
    for (const [pid, kind] of healthy) if (watch.verdict(pid).verdict === 'orphan') wrongly.push(kind);
  };

  beforeAll(async () => {
    swarm = createSwarm();
    watch = openWatch();
    const claude = await swarm.startAgent(DEAD);
    const codex = await swarm.startAgent('unused', { client: 'codex' });
    const python = hasPython ? swarm.startPython() : null;
    const live = await swarm.startAgent(LIVE);
    const livePython = hasPython ? swarm.startPython() : null;
    orphans = await plantOrphans(swarm, { claude, codex, python });
    healthy = await plantHealthy(swarm, { claude, codex, python, live, livePython, tmuxSocket });

    await watch.look();
    // While their clients live, the later orphans are as healthy as the others.
    for (const [pid, kind] of orphans) if (watch.verdict(pid).verdict === 'orphan') wrongly.push(kind);
    noteWrongOrphans();
    await Promise.all([claude.kill(), codex.kill(), python?.kill()]);
    for (let look = 0; look < 3; look++) {
      await watch.look();
      noteWrongOrphans();
    }
  });

  afterAll(async () => {
    spawnSync('tmux', ['-L', tmuxSocket, 'kill-server'], { stdio: 'ignore' });
    await watch.close();
    await swarm.end();
  });

  test('all that were planted still live', () => {
    expect(orphans.size).toBe(100);
    expect(healthy.size).toBe(100);
    for (const pid of [...orphans.keys(), ...healthy.keys()]) expect(watch.has(pid)).toBe(true);
  });

  test('every orphan is found, with its session and its evidence', () => {
    expect(counted(orphans, watch, 'orphan')).toEqual(ofEachKind(orphans));
    for (const pid of orphans.keys()) {
      // A pipe under a pid 1 that lets nobody look cannot be judged by its stdin: then the owner that we saw die decides.
      const isSeen = watch.row(pid).signs?.stdinPeer !== null;
      const kinds = watch.verdict(pid).evidence.map(({ kind }) => kind);
      expect(kinds).toContain(isSeen ? 'stdin-peer-dead' : 'stdin-unknown');
      expect(watch.attribution(pid).sessionId).not.toBeNull();
    }
  });

  test('nothing healthy is called an orphan, in any look', () => {
    expect(wrongly).toEqual([]);
    expect(counted(healthy, watch, 'orphan')).toEqual(
      Object.fromEntries(Object.keys(ofEachKind(healthy)).map((kind) => [kind, 0])),
    );
  });
});

describe.runIf(process.platform === 'linux')('other verdicts on real processes', () => {
  let swarm: Swarm;
  let watch: RealWatch;
  beforeAll(() => {
    swarm = createSwarm();
    watch = openWatch();
  });
  afterAll(async () => {
    await watch.close();
    await swarm.end();
  });

  test('a cut-off copy of a server under a live agent is a duplicate; the wrapper chain of an orphan goes with it', async () => {
    const agent = await swarm.startAgent(LIVE);
    const server = { command: process.execPath, args: [PROGRAMS, 'server'] };
    const cut = await agent.start({ ...server, endInput: true });
    const kept = await agent.start({ ...server, handshake: true });
    const npx = await agent.start({
      command: 'npx',
      args: ['--no-install', 'swarm-mcp'],
      cwd: swarm.project,
      handshake: true,
    });
    for (let look = 0; look < 3; look++) await watch.look();
    expect(watch.verdict(cut.pid)).toMatchObject({ verdict: 'duplicate', confidence: 90 });
    expect(['idle', 'busy']).toContain(watch.verdict(kept.pid).verdict);

    await agent.kill();
    for (let look = 0; look < 3; look++) await watch.look();
    const chain = [...watch.rows().values()].filter(
      ({ attribution }) => attribution.serverHead === watch.row(npx.pid).sample.key,
    );
    expect(chain.length).toBeGreaterThanOrEqual(2);
    for (const { sample } of chain) expect(watch.verdict(sample.pid).verdict).toBe('orphan');
  });

  test.runIf(hasPython)(
    'on a pipe, of an unknown client: an orphan where stdin can be seen, and else left alone',
    async () => {
      const python = swarm.startPython();
      const pid = await python.start({ mode: 'piped', command: [swarm.mcpBinary, '60'] });
      await watch.look();
      await python.kill();
      for (let look = 0; look < 3; look++) await watch.look();
      const isSeen = watch.row(pid).signs?.stdinPeer !== null;
      expect(watch.verdict(pid).verdict).toBe(isSeen ? 'orphan' : 'idle');
    },
  );
});
