import { createAudit, type Audit } from '../../../src/actions/running/audit.ts';
import type { GateSettings } from '../../../src/actions/running/gate.ts';
import { createRunner, type Runner, type RunnerDeps } from '../../../src/actions/running/runner.ts';
import type { ActionWorld, Target, View } from '../../../src/actions/target.ts';
import {
  ACTION_NAMES,
  type Attribution,
  type HostSample,
  type Inspector,
  type Lifecycle,
  type LifeSigns,
  type ProcessKey,
  type RampartEvent,
} from '../../../src/model/index.ts';
import { createFakeClock, type FakeClock } from '../service/fake-source.ts';
import { createFakeHost, type FakeHost, type FakeProcessState } from './fake-host.ts';

const MIB = 1024 * 1024;

const HOST: HostSample = {
  atMs: 0,
  memoryTotalBytes: 1000 * MIB,
  memoryAvailableBytes: 600 * MIB,
  swapTotalBytes: 100 * MIB,
  swapFreeBytes: 100 * MIB,
  pressure: null,
  cgroup: null,
  cpuCount: 2,
  unknown: {},
};

const NOBODY: Attribution = {
  role: 'server',
  client: 'claude-code',
  agent: null,
  sessionId: 'session-a',
  agentId: null,
  serverName: 'tiny-mcp',
  serverHead: null,
  confidence: 90,
  evidence: [],
};

export interface Given extends Omit<Partial<Target>, 'attribution' | 'verdict' | 'signs'> {
  readonly attribution?: Partial<Attribution>;
  readonly verdict?: Lifecycle;
  readonly confidence?: number;
  readonly evidence?: string;
  readonly signs?: Partial<LifeSigns>;
  readonly process?: Partial<FakeProcessState>;
}

export interface FakeActing {
  readonly clock: FakeClock;
  readonly host: FakeHost;
  readonly runner: Runner;
  readonly audit: Audit;
  readonly targets: Map<ProcessKey, Target>;
  /** What signs say when they are read right before a signal; default: as the look saw them. */
  readonly signsNow: Map<number, Partial<LifeSigns>>;
  /** PSS when it is read now; default: 40 MiB. */
  readonly pssBytes: Map<number, number>;
  readonly events: RampartEvent[];
  add(pid: number, given?: Given): Target;
}

export interface FakeActingOptions {
  readonly auditPath: string;
  readonly gate?: Partial<GateSettings>;
  readonly deps?: Partial<RunnerDeps>;
  readonly emergencyShutdown?: boolean;
  readonly automaticShutdown?: boolean;
  readonly inspector?: Inspector;
  readonly write?: (fd: number, bytes: Buffer) => number;
}

/** The runner over a machine of plain objects. */
export function createFakeActing(options: FakeActingOptions): FakeActing {
  const clock = createFakeClock();
  const host = createFakeHost(clock);
  const targets = new Map<ProcessKey, Target>();
  const signsNow = new Map<number, Partial<LifeSigns>>();
  const pssBytes = new Map<number, number>();
  const events: RampartEvent[] = [];
  const world: ActionWorld = {
    look: async (): Promise<View> => ({ atMs: clock.nowMs(), host: HOST, severity: 'ok', targets: new Map(live()) }),
    signs: async (processes) =>
      new Map(
        processes.flatMap(({ pid, startTime }) => {
          const target = targets.get(`${pid}:${startTime}`);
          if (target === undefined || host.identity(pid)?.startTime !== startTime) return [];
          return [[target.id, { ...signs({}), ...target.signs, ...signsNow.get(pid) }] as const];
        }),
      ),
    footprint: async ({ pid }) => {
      const pss = pssBytes.get(pid) ?? 40 * MIB;
      return { pssBytes: pss, ussBytes: pss, swapBytes: 0, rssBytes: pss, atMs: clock.nowMs() };
    },
    trend: async () => [],
    hostAvailableBytes: async () => HOST.memoryAvailableBytes,
  };
  const live = () => [...targets].filter(([, { pid, startTime }]) => host.identity(pid)?.startTime === startTime);
  const audit = createAudit({
    path: options.auditPath,
    ...(options.write === undefined ? {} : { write: options.write }),
  });
  const runner = createRunner({
    tools: {
      host,
      inspector: options.inspector ?? null,
      captures: null,
      caches: { list: async () => null, clear: async () => null },
    },
    world,
    clock,
    audit,
    settings: {
      graceMs: 5_000,
      emergencyShutdown: options.emergencyShutdown ?? false,
      automaticShutdown: options.automaticShutdown ?? false,
    },
    gate: {
      allow: ACTION_NAMES,
      protect: [],
      maxAgentActionsPerHour: 20,
      automation: { enabled: true, aggressiveness: 'moderate', maxPerHour: 5, switchedOn: [] },
      ...options.gate,
    },
    confirm: 'ask',
    publish: (event) => void events.push(event),
    ...options.deps,
  });
  return {
    clock,
    host,
    runner,
    audit,
    targets,
    signsNow,
    pssBytes,
    events,
    add: (pid, given = {}) => {
      const state = host.add(pid, given.process);
      const target = targetOf(pid, state.startTime, clock.nowMs(), given);
      targets.set(target.id, target);
      return target;
    },
  };
}

function targetOf(pid: number, startTime: number, nowMs: number, given: Given): Target {
  const { attribution, verdict = 'idle', confidence = 90, evidence, signs: givenSigns, process: _, ...rest } = given;
  return {
    id: `${pid}:${startTime}`,
    pid,
    startTime,
    ppid: 1,
    sessionLeader: 1,
    name: 'tiny-mcp',
    command: '/opt/bin/tiny-mcp 60',
    cwd: '/home/user/project',
    runtime: 'node',
    uid: 1000,
    startedAtMs: nowMs - 3_600_000,
    isRegistered: false,
    experience: 'tiny-mcp',
    leak: null,
    rssBytes: 50 * MIB,
    footprint: { pssBytes: 40 * MIB, ussBytes: 30 * MIB, swapBytes: 0, rssBytes: 50 * MIB, atMs: nowMs },
    ...rest,
    attribution: { ...NOBODY, ...attribution },
    verdict: {
      verdict,
      confidence,
      evidence: [{ kind: evidence ?? 'stdin-peer-dead', detail: 'a reason' }],
      lastActiveMs: null,
      sinceMs: nowMs - 60_000,
    },
    signs: signs(givenSigns ?? {}),
  };
}

export function signs(given: Partial<LifeSigns>): LifeSigns {
  return {
    stdinPeer: 'dead',
    stdinChannel: 'socket:[1]',
    readBytes: 100,
    openFiles: 3,
    listening: false,
    hasChannel: true,
    unknown: {},
    ...given,
  };
}
