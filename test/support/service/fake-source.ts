import type {
  Clock,
  Footprint,
  HostSample,
  LifeSigns,
  ProcessFacts,
  ProcessKey,
  ProcessSample,
  Source,
} from '../../../src/model/index.ts';

export interface FakeClock extends Clock {
  advance(ms: number): void;
}

export function createFakeClock(startMs = 1_800_000_000_000): FakeClock {
  let elapsed = 0;
  return { nowMs: () => startMs + elapsed, monotonicMs: () => elapsed, advance: (ms) => (elapsed += ms) };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface FakeProcess {
  readonly sample: Mutable<ProcessSample>;
  readonly facts: ProcessFacts;
  signs: LifeSigns;
  /** What a footprint read now would say. */
  pssBytes: number;
}

export interface FakeSource extends Source {
  readonly host: Mutable<HostSample>;
  add(
    pid: number,
    options?: Partial<ProcessSample> & { facts?: Partial<ProcessFacts>; pssBytes?: number },
  ): FakeProcess;
  end(process: FakeProcess): void;
  readonly sweeps: { readonly complete: boolean }[];
  /** Pids whose footprint was read on demand, in order. */
  readonly footprintsRead: number[];
  /** Time that reading one footprint takes. */
  footprintMs: number;
  failNext: Error | null;
}

const MIB = 1024 * 1024;

/** A machine made of plain objects, on a clock that a test moves. */
export function createFakeSource(clock: FakeClock): FakeSource {
  const live = new Map<ProcessKey, FakeProcess>();
  const samples = new Map<ProcessKey, ProcessSample>();
  let started: ProcessKey[] = [];
  let exited: ProcessKey[] = [];
  const source: FakeSource = {
    name: 'fake',
    host: {
      atMs: clock.nowMs(),
      memoryTotalBytes: 1000 * MIB,
      memoryAvailableBytes: 600 * MIB,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
      pressure: { someAvg10Percent: 0, fullAvg10Percent: 0, someTotalUs: 0, fullTotalUs: 0 },
      cgroup: null,
      cpuCount: 2,
      unknown: {},
    },
    sweeps: [],
    footprintsRead: [],
    footprintMs: 1,
    failNext: null,
    add: (pid, { facts = {}, pssBytes = 8 * MIB, ...sample } = {}) => {
      const startTime = sample.startTime ?? pid * 10;
      const process: FakeProcess = {
        sample: {
          pid,
          startTime,
          key: `${pid}:${startTime}`,
          ppid: 1,
          processGroup: pid,
          sessionLeader: pid,
          tty: 0,
          state: 'sleeping',
          rssBytes: 10 * MIB,
          anonBytes: 8 * MIB,
          cpuMs: 0,
          threads: 1,
          sampledAtMs: clock.nowMs(),
          changedAtMs: clock.nowMs(),
          footprint: null,
          ...sample,
        },
        facts: {
          comm: 'program',
          exe: '/usr/bin/program',
          argv: ['program'],
          cwd: '/code',
          env: {},
          uid: 1000,
          cgroup: null,
          runtime: 'native',
          startedAtMs: clock.nowMs(),
          unknown: {},
          ...facts,
        },
        signs: { stdinPeer: 'alive', stdinChannel: `socket:${pid}`, readBytes: 0, openFiles: 3, unknown: {} },
        pssBytes,
      };
      live.set(process.sample.key, process);
      samples.set(process.sample.key, process.sample);
      started.push(process.sample.key);
      return process;
    },
    end: ({ sample }) => {
      live.delete(sample.key);
      samples.delete(sample.key);
      exited.push(sample.key);
    },
    sample: async ({ complete = false } = {}) => {
      source.sweeps.push({ complete });
      const { failNext } = source;
      source.failNext = null;
      if (failNext !== null) throw failNext;
      source.host.atMs = clock.nowMs();
      const sweep = { started, exited, refreshed: [...samples.keys()] };
      started = [];
      exited = [];
      return { ...sweep, atMs: clock.nowMs(), host: { ...source.host }, processes: samples, costMs: 1 };
    },
    facts: async ({ pid, startTime }) => live.get(`${pid}:${startTime}`)?.facts ?? null,
    footprint: async ({ pid, startTime }): Promise<Footprint | null> => {
      const process = live.get(`${pid}:${startTime}`);
      if (process === undefined) return null;
      clock.advance(source.footprintMs);
      source.footprintsRead.push(pid);
      const { rssBytes } = process.sample;
      process.sample.footprint = {
        pssBytes: process.pssBytes,
        ussBytes: process.pssBytes,
        swapBytes: 0,
        rssBytes,
        atMs: clock.nowMs(),
      };
      return process.sample.footprint;
    },
    lifeSigns: async (processes) => {
      const signs = new Map<ProcessKey, LifeSigns>();
      for (const { pid, startTime } of processes) {
        const process = live.get(`${pid}:${startTime}`);
        if (process !== undefined) signs.set(process.sample.key, process.signs);
      }
      return signs;
    },
    cgroupMemory: async () => null,
    capabilities: async () => [{ name: 'processes', works: true, detail: 'faked', fix: null }],
    close: async () => undefined,
  };
  return source;
}

/** Claude Code's agent and what it starts, as attribution knows them. */
export function addAgent(source: FakeSource, pid: number, sessionId: string): FakeProcess {
  return source.add(pid, {
    tty: 34_816,
    pssBytes: 100 * MIB,
    rssBytes: 200 * MIB,
    facts: {
      comm: 'claude',
      exe: '/home/u/.local/share/claude/versions/2.1.330',
      argv: ['claude', '--session-id', sessionId],
      runtime: 'bun',
    },
  });
}

export function addServer(source: FakeSource, pid: number, ppid: number, sessionId: string): FakeProcess {
  return source.add(pid, {
    ppid,
    pssBytes: 40 * MIB,
    facts: {
      comm: 'node',
      exe: '/usr/bin/node',
      argv: ['node', '/opt/servers/memory-mcp-server/index.js'],
      env: { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: sessionId, CLAUDE_CODE_ENTRYPOINT: 'cli' },
      runtime: 'node',
    },
  });
}
