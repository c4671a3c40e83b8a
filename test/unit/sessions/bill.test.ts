import { describe, expect, test } from 'vitest';
import { attribute, AttributionMemory } from '../../../src/agents/index.ts';
import type { LifecycleVerdict, Limit, RegistryClaim } from '../../../src/model/index.ts';
import { buildSessions, fanOut, type ReportRow, room, unattributed } from '../../../src/sessions/index.ts';
import { CLAUDE, claude, CODEX, inGroup, mcpEnv, toolEnv } from '../../support/swarm/look.ts';
import { claim, rowsOf, type Described } from '../../support/swarm/rows.ts';

const MIB = 1024 * 1024;
const VERDICT: LifecycleVerdict = { verdict: 'idle', confidence: 90, evidence: [], lastActiveMs: null };

function reportRows(described: readonly Described[], claims: readonly RegistryClaim[] = []): ReportRow[] {
  const rows = rowsOf(...described);
  const owners = attribute(rows, claims, new AttributionMemory());
  return [...rows].map(([key, row]) => {
    const attribution = owners.get(key);
    if (attribution === undefined) throw new Error(`no attribution for ${key}`);
    return { ...row, attribution, verdict: VERDICT, limit: null, cpuPercent: null };
  });
}

const id = (n: number) => `${String(n).repeat(8)}-1111-4111-8111-111111111111`;

/** A session with a server through npx, one direct, and a tool: 100 + 30 + 2 + 20 + 10 + 5 MiB. */
function session(n: number): Described[] {
  const pid = n * 100;
  const env = mcpEnv(id(n));
  return [
    claude(pid, { footprint: { pss: 90 * MIB, swap: 10 * MIB }, rssBytes: 200 * MIB, cwd: `/home/user/project-${n}` }),
    { pid: pid + 1, ppid: pid, argv: ['npm exec @scope/memory-mcp@2'], env, footprint: 30 * MIB, ...inGroup(pid) },
    { pid: pid + 2, ppid: pid + 1, argv: ['sh', '-c', 'memory-mcp'], env, footprint: 2 * MIB, ...inGroup(pid) },
    { pid: pid + 3, ppid: pid + 2, argv: ['node', '/n/.bin/memory-mcp'], env, footprint: 20 * MIB, ...inGroup(pid) },
    { pid: pid + 4, ppid: pid, argv: ['node', `/srv/only-${n}.js`], env, footprint: 10 * MIB, ...inGroup(pid) },
    { pid: pid + 5, ppid: pid, argv: ['bash', '-c', 'x'], env: toolEnv(id(n), pid), footprint: 5 * MIB },
  ];
}

describe('the bill of a session', () => {
  const [bill] = buildSessions(reportRows(session(1)), []);

  test('sums PSS and swap over the tree; RSS stands beside it', () => {
    expect(bill).toMatchObject({
      pssBytes: 157 * MIB,
      swapBytes: 10 * MIB,
      totalBytes: 167 * MIB,
      rssBytes: 200 * MIB + 250_000_000,
    });
  });

  test('by role', () => {
    expect(bill?.byRole.agent).toMatchObject({ count: 1, totalBytes: 100 * MIB });
    expect(bill?.byRole.wrapper).toMatchObject({ count: 2, totalBytes: 32 * MIB });
    expect(bill?.byRole.server).toMatchObject({ count: 2, totalBytes: 30 * MIB });
    expect(bill?.byRole.tool).toMatchObject({ count: 1, totalBytes: 5 * MIB });
    expect(bill?.byRole.other).toMatchObject({ count: 0, totalBytes: 0 });
  });

  test('agent first, then wrappers, servers, tools', () => {
    expect(bill?.processes.map(({ role }) => role)).toEqual([
      'agent',
      'wrapper',
      'wrapper',
      'server',
      'server',
      'tool',
    ]);
  });

  test('takes name, directory and status from the client, where it tells', () => {
    const told = claim({
      pid: 100,
      startTime: 100,
      sessionId: id(9),
      name: 'proj-e1',
      cwd: '/code/proj',
      status: 'waiting',
    });
    const [named] = buildSessions(reportRows(session(1), [told]), [told]);
    expect(named).toMatchObject({
      sessionId: id(9),
      name: 'proj-e1',
      cwd: '/code/proj',
      clientStatus: 'waiting',
      client: 'claude-code',
    });
    expect(bill).toMatchObject({ name: 'project-1', cwd: '/home/user/project-1', clientStatus: null });
    expect(bill?.unknown).toHaveProperty('clientStatus');
  });

  test('one process not read yet makes the sum unknown, with the reason', () => {
    const tree = session(1).map((each, i) => (i === 3 ? { ...each, footprint: null } : each));
    const [partial] = buildSessions(reportRows(tree), []);
    expect(partial).toMatchObject({ totalBytes: null, pssBytes: null, swapBytes: null });
    expect(partial?.unknown['totalBytes']).toBe('1 of 6 processes not read yet, or not permitted');
    expect(partial?.byRole.agent.totalBytes).toBe(100 * MIB);
    expect(partial?.byRole.server.totalBytes).toBeNull();
  });

  test('a zombie costs nothing and hides nothing', () => {
    const tree = session(1).map((each, i) => (i === 5 ? { ...each, state: 'zombie' as const, footprint: null } : each));
    expect(buildSessions(reportRows(tree), [])[0]).toMatchObject({ totalBytes: 162 * MIB });
  });

  test("a teammate's tree is on the bill of the session that it works for", () => {
    const lead = session(1);
    const mate = claude(900, { argv: ['--agent-id', 'a@t', '--parent-session-id', id(1)], footprint: 50 * MIB });
    const sessions = buildSessions(reportRows([...lead, mate]), []);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ sessionId: id(1), totalBytes: 217 * MIB });
    expect(sessions[0]?.byRole.agent.count).toBe(2);
    expect(sessions[0]?.processes.find(({ pid }) => pid === 900)?.agentId).toBe('a@t');
  });

  test('orphans and strangers are in no session, and nothing is in two places', () => {
    const orphan: Described = { pid: 50, ppid: 1, argv: ['node', 'x-mcp.js'], env: mcpEnv(id(7)) };
    const rows = reportRows([...session(1), orphan, { pid: 60, argv: ['/usr/sbin/sshd'] }]);
    const sessions = buildSessions(rows, []);
    const rest = unattributed(rows, sessions);
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual([id(1)]);
    expect(rest.map(({ pid, sessionId }) => [pid, sessionId])).toEqual([
      [50, id(7)],
      [60, null],
    ]);
    expect(sessions[0]?.processes.length).toBe(rows.length - rest.length);
  });
});

describe('fan-out', () => {
  test('N sessions × M servers, wrappers, and what could be shared', () => {
    const sessions = buildSessions(reportRows([1, 2, 3].flatMap(session)), []);
    const answer = fanOut(sessions);
    expect(answer).toMatchObject({
      sessions: 3,
      servers: 6,
      serverBytes: 90 * MIB,
      wrappers: 6,
      wrapperBytes: 96 * MIB,
    });
    expect(answer.shareable).toEqual([
      { serverName: '@scope/memory-mcp', copies: 3, totalBytes: 156 * MIB, savableBytes: 104 * MIB },
    ]);
    expect(answer.summary).toBe(
      '3 sessions × 2 servers = 90 MiB; 6 wrappers 96 MiB; 1 could be shared over HTTP, which would save 104 MiB.',
    );
  });

  test('a server with children of its own is one server', () => {
    const tree = [...session(1), { pid: 180, ppid: 104, argv: ['/opt/chrome'], footprint: 40 * MIB }];
    expect(fanOut(buildSessions(reportRows(tree), []))).toMatchObject({ servers: 2, serverBytes: 70 * MIB });
  });

  test.each([
    ['No agent session runs.', []],
    ['1 session without MCP servers.', [claude(5)]],
    [
      '1 session with 2 servers = not all read yet; 2 wrappers not all read yet.',
      session(1).map((each) => ({ ...each, footprint: null })),
    ],
  ] as const)('%s', (summary, tree) => {
    expect(fanOut(buildSessions(reportRows(tree as readonly Described[]), [])).summary).toBe(summary);
  });
});

describe('room for more', () => {
  const limit = (headroomBytes: number | null): Limit => ({
    kind: 'host-memory',
    limitBytes: 1000 * MIB,
    usedBytes: null,
    headroomBytes,
    source: 'x.',
  });
  const agentOf = (pid: number, mib: number | null, exe = CLAUDE): Described => ({
    pid,
    argv: [exe],
    exe,
    footprint: mib === null ? null : mib * MIB,
  });

  test('the median session, after the reserve, by client', () => {
    const rows = reportRows([agentOf(1000, 100), agentOf(1001, 120), agentOf(1002, 5000), agentOf(1003, 50, CODEX)]);
    expect(room(buildSessions(rows, []), limit(700 * MIB), 100 * MIB)).toEqual([
      { client: 'claude-code', perSessionBytes: 120 * MIB, basedOnSessions: 3, more: 5, reserveBytes: 100 * MIB },
      { client: 'codex', perSessionBytes: 50 * MIB, basedOnSessions: 1, more: 12, reserveBytes: 100 * MIB },
    ]);
  });

  test('never less than none, and no figure from sessions that were not read', () => {
    const rows = reportRows([agentOf(1000, 100), agentOf(1001, null), agentOf(1003, null, CODEX)]);
    const sessions = buildSessions(rows, []);
    expect(room(sessions, limit(50 * MIB), 100 * MIB)).toMatchObject([
      { client: 'claude-code', basedOnSessions: 1, more: 0 },
    ]);
    expect(room(sessions, limit(null), 0)).toEqual([]);
  });
});
