import type { DeathSigns } from '../../../src/deaths/index.ts';
import type { Death, ExitStatus, LogLine, LogSource } from '../../../src/model/index.ts';

export const NOW = 1_800_000_000_000;
export const MIB = 1024 * 1024;

export const exited = (code: number): ExitStatus => ({
  code,
  signal: null,
  dumpedCore: false,
  atMs: NOW,
  from: 'witness',
});
export const signalled = (signal: string): ExitStatus => ({
  code: null,
  signal,
  dumpedCore: false,
  atMs: NOW,
  from: 'witness',
});
export const logged = (source: LogSource, text: string, atMs = NOW): LogLine => ({ atMs, source, text });

/** A quiet Node server of 100 MiB of whose end nothing is known. */
export function signsOf(over: Partial<DeathSigns> = {}): DeathSigns {
  return {
    process: {
      key: '42:420',
      pid: 42,
      role: 'server',
      runtime: 'node',
      client: 'claude-code',
      sessionId: 's',
      cgroup: '/user.slice/app.scope',
      rssBytes: 100 * MIB,
      anonBytes: 60 * MIB,
      seenAtMs: NOW - 500,
    },
    diedAfterMs: NOW - 500,
    diedBeforeMs: NOW,
    exit: null,
    oom: { host: 0, cgroup: 0, candidates: 1 },
    kernelLog: null,
    daemonLog: null,
    daemons: { systemdOomd: false, earlyoom: false },
    audit: [],
    tasks: null,
    recordLeft: null,
    report: null,
    core: false,
    heapLimitBytes: 4096 * MIB,
    userGone: false,
    agentIdleMs: null,
    siblings: 0,
    pressureSomePercent: 0,
    availableShare: 0.6,
    curve: [],
    rebooted: false,
    ...over,
  };
}

export function deathOf(over: Partial<Death> = {}): Death {
  return {
    id: 'abcdef012345',
    process: { pid: 42, startTime: 420, id: '42:420' },
    name: 'memory-server',
    role: 'server',
    runtime: 'node',
    client: 'claude-code',
    sessionId: '11111111-2222-4333-8444-555555555555',
    startedAtMs: NOW - 3_600_000,
    diedAfterMs: NOW,
    diedBeforeMs: NOW,
    killer: 'kernel-oom',
    confidence: 98,
    alternatives: [],
    evidence: [{ kind: 'kernel-log', detail: "The kernel's log says that it killed this process." }],
    exitCode: null,
    signal: 'SIGKILL',
    ordinary: false,
    kept: 'It was ended because of memory.',
    companions: [],
    curve: Array.from({ length: 20 }, (_, at) => ({
      atMs: NOW - (20 - at) * 60_000,
      rssBytes: (100 + at * 50) * MIB,
      pssBytes: null,
      swapBytes: null,
    })),
    peakRssBytes: 1050 * MIB,
    lastLeak: { verdict: 'leaking', score: 0.97, reason: 'It grows without end.' },
    lastAlerts: ['A process leaks 310 MiB an hour.'],
    hostAvailableBytes: 200 * MIB,
    pressureSomePercent: 60,
    resume: null,
    resumeReason: 'It was no agent: its session is not over because of it.',
    summary: "An MCP server (pid 42) was ended by the kernel's out-of-memory killer (SIGKILL; 98 % sure).",
    unknown: {},
    ...over,
  };
}
