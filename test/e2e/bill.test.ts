import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processLimit } from '../../src/limits/index.ts';
import type { HostSample } from '../../src/model/index.ts';
import { buildSessions, fanOut, type ReportRow, room } from '../../src/sessions/index.ts';
import { openSource, systemClock } from '../../src/sources/index.ts';
import { openWatch, type RealWatch } from '../support/swarm/real-watch.ts';
import { row } from '../support/swarm/rows.ts';
import { createSwarm, PROGRAMS, type StandInAgent, type Swarm } from '../support/swarm/swarm.ts';

const MIB = 1024 * 1024;
const IDS = ['55555555-5555-4555-8555-555555555555', '66666666-6666-4666-8666-666666666666'] as const;

/** PSS + swap by the kernel's own words, read by nothing of ours. */
function smapsBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return (kib('Pss') + kib('SwapPss')) * 1024;
}

describe.runIf(process.platform === 'linux')('the bill of two real sessions', () => {
  let swarm: Swarm;
  let watch: RealWatch;
  let agents: StandInAgent[];
  const source = openSource({ clock: systemClock });

  beforeAll(async () => {
    swarm = createSwarm();
    watch = openWatch();
    agents = [];
    for (const id of IDS) {
      const agent = await swarm.startAgent(id);
      agents.push(agent);
      await agent.start({ command: 'npx', args: ['--no-install', 'swarm-mcp'], cwd: swarm.project, handshake: true });
      await agent.start({
        command: process.execPath,
        args: ['--max-old-space-size=300', PROGRAMS, 'server'],
        handshake: true,
      });
      await agent.start({ command: 'sleep', args: ['100'], tool: true, stdio: ['ignore', 'ignore', 'ignore'] });
    }
    await watch.look();
  });

  afterAll(async () => {
    await source.close();
    await watch.close();
    await swarm.end();
  });

  /** All sessions with footprints read now, and the kernel's sum at the same moment. */
  async function bill(host: HostSample) {
    const rows: ReportRow[] = [];
    const independent = new Map<string, number>();
    for (const { sample, facts, attribution } of watch.rows().values()) {
      const { sessionId } = attribution;
      if (sessionId === null || !IDS.includes(sessionId as (typeof IDS)[number])) continue;
      const footprint = await source.footprint(sample);
      independent.set(sessionId, (independent.get(sessionId) ?? 0) + smapsBytes(sample.pid));
      const verdict = watch.verdict(sample.pid);
      const limit = processLimit({ sample, facts, cgroup: null, host });
      rows.push({ sample: { ...sample, footprint }, facts, attribution, verdict, limit, cpuPercent: null });
    }
    return { sessions: buildSessions(rows, []), independent };
  }

  test('names every part, and sums PSS + swap within 2 % of the kernel', async () => {
    const { host } = await source.sample();
    const { sessions, independent } = await bill(host);
    expect(sessions.map(({ sessionId }) => sessionId).toSorted()).toEqual([...IDS]);
    for (const session of sessions) {
      expect(session.byRole.agent.count).toBe(1);
      expect(session.byRole.server.count).toBe(2);
      expect(session.byRole.wrapper.count).toBeGreaterThanOrEqual(1);
      expect(session.byRole.tool.count).toBe(1);
      const kernel = independent.get(session.sessionId) ?? 0;
      expect(kernel).toBeGreaterThan(10 * 1024 * 1024);
      expect(Math.abs((session.totalBytes ?? 0) - kernel) / kernel).toBeLessThan(0.02);
      expect(session.rssBytes).toBeGreaterThan(session.totalBytes ?? Number.POSITIVE_INFINITY);
    }

    const fan = fanOut(sessions);
    expect(fan).toMatchObject({ sessions: 2, servers: 4 });
    expect(fan.shareable.map(({ serverName, copies }) => [serverName, copies])).toContainEqual(['swarm-mcp', 2]);
    expect(fan.summary).toMatch(/^2 sessions × 2 servers = \d/);

    const [more] = room(
      sessions,
      {
        kind: 'host-memory',
        limitBytes: host.memoryTotalBytes,
        usedBytes: null,
        headroomBytes: host.memoryAvailableBytes,
        source: 'x.',
      },
      0,
    );
    const bills = sessions.map(({ totalBytes }) => totalBytes ?? 0);
    expect(more).toMatchObject({
      client: 'claude-code',
      basedOnSessions: 2,
      more: Math.floor(host.memoryAvailableBytes / ((bills[0]! + bills[1]!) / 2)),
    });
  });

  test('a heap limit set by a flag is on the bill of its process', async () => {
    const { host } = await source.sample();
    const { sessions } = await bill(host);
    const processes = sessions.flatMap((session) => session.processes);
    const limits = processes
      .filter(({ command }) => command.includes('--max-old-space-size'))
      .map(({ limit }) => limit);
    expect(limits).toHaveLength(2);
    for (const limit of limits) expect(limit).toMatchObject({ kind: 'v8-old-space', limitBytes: 300 * MIB });
  });
});

describe.runIf(process.platform === 'linux')('the old-space limit that we work out is the one that V8 has', () => {
  test.each([
    ['without flags', [], {}],
    ['--max-old-space-size', ['--max-old-space-size=300'], {}],
    ['NODE_OPTIONS', [], { NODE_OPTIONS: '--max-old-space-size=700' }],
  ] as const)('%s', async (_name, flags, env) => {
    const source = openSource({ clock: systemClock });
    const { host } = await source.sample();
    await source.close();
    const print = 'console.log(require("node:v8").getHeapStatistics().heap_size_limit)';
    const heapBytes = Number(
      execFileSync(process.execPath, [...flags, '-e', print], { env: { PATH: process.env['PATH'], ...env } }),
    );
    const described = row({ pid: 9, argv: ['node', ...flags, 'x.js'], env, anonBytes: MIB });
    const unlimited = { ...host, memoryAvailableBytes: Number.MAX_SAFE_INTEGER, cgroup: null };
    const limit = processLimit({
      ...described,
      cgroup: null,
      host: { ...unlimited, memoryTotalBytes: seenByNode(host) },
    });
    // heap_size_limit is old space and young space, which is 3 MiB on small machines and 192 MiB in Node 24.
    const young = heapBytes - (limit?.limitBytes ?? 0);
    expect(limit?.kind).toBe('v8-old-space');
    expect(young).toBeGreaterThan(0);
    expect(young).toBeLessThanOrEqual(192 * MIB);
  });
});

function seenByNode({ memoryTotalBytes, cgroup }: HostSample): number {
  return Math.min(memoryTotalBytes, cgroup?.limitBytes ?? memoryTotalBytes);
}
