import type {
  LifeSigns,
  ProcessFacts,
  ProcessKey,
  ProcessSample,
  RegistryClaim,
  Runtime,
} from '../../../src/model/index.ts';
import { ENVIRONMENT_NAMES, filterEnvironment } from '../../../src/agents/index.ts';

/** A process for pure tests: what is not given follows from pid and argv. */
export interface Described {
  readonly pid: number;
  readonly ppid?: number;
  readonly startTime?: number;
  readonly argv?: readonly string[];
  readonly exe?: string | null;
  readonly comm?: string;
  readonly cwd?: string | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly processGroup?: number;
  readonly sessionLeader?: number;
  readonly tty?: number;
  readonly state?: ProcessSample['state'];
  readonly runtime?: Runtime;
  readonly startedAtMs?: number | null;
  readonly exeDeleted?: boolean;
  readonly cpuMs?: number;
  readonly rssBytes?: number;
  readonly anonBytes?: number | null;
  /** PSS, USS and swap; a number is PSS with no swap. */
  readonly footprint?: number | { readonly pss: number; readonly swap: number } | null;
}

export interface Row {
  readonly sample: ProcessSample;
  readonly facts: ProcessFacts;
}

/** Start of the made-up machine; startTime 100 is one second later. */
export const BOOT_MS = 1_795_000_000_000;

function runtimeOf(exe: string | null): Runtime {
  const name = exe?.split('/').at(-1) ?? '';
  if (name.startsWith('node')) return 'node';
  if (name.startsWith('python')) return 'python';
  if (/^(?:sh|bash|dash|zsh)$/.test(name)) return 'shell';
  return exe === null ? 'unknown' : 'native';
}

export function row(described: Described): Row {
  const { pid, ppid = 1, startTime = pid, argv = ['sleep', '9'], env = {} } = described;
  const exe = described.exe === undefined ? defaultExe(argv[0] ?? '') : described.exe;
  const footprint = described.footprint ?? null;
  const parts = typeof footprint === 'number' ? { pss: footprint, swap: 0 } : footprint;
  const rssBytes = described.rssBytes ?? 50_000_000;
  const sample: ProcessSample = {
    pid,
    startTime,
    key: `${pid}:${startTime}`,
    ppid,
    processGroup: described.processGroup ?? pid,
    sessionLeader: described.sessionLeader ?? pid,
    tty: described.tty ?? 0,
    state: described.state ?? 'sleeping',
    rssBytes,
    anonBytes: described.anonBytes === undefined ? 20_000_000 : described.anonBytes,
    cpuMs: described.cpuMs ?? 0,
    threads: 1,
    sampledAtMs: BOOT_MS,
    changedAtMs: BOOT_MS,
    footprint:
      parts === null
        ? null
        : { pssBytes: parts.pss, ussBytes: parts.pss, swapBytes: parts.swap, rssBytes, atMs: BOOT_MS },
  };
  const facts: ProcessFacts = {
    comm: described.comm ?? (argv[0] ?? '').split('/').at(-1)?.slice(0, 15) ?? '',
    exe,
    argv,
    cwd: described.cwd === undefined ? '/home/user/project' : described.cwd,
    env: filtered(env),
    uid: 1000,
    cgroup: null,
    runtime: described.runtime ?? runtimeOf(exe),
    startedAtMs: described.startedAtMs === undefined ? BOOT_MS + startTime * 10 : described.startedAtMs,
    unknown: {},
    ...(described.exeDeleted === undefined ? {} : { exeDeleted: described.exeDeleted }),
  };
  return { sample, facts };
}

function defaultExe(program: string): string {
  if (program.startsWith('/')) return program;
  // npm and npx overwrite their title; behind it is node.
  return /^(?:npm|npx|node)\b/.test(program) ? '/usr/bin/node' : `/usr/bin/${program.split(' ')[0]}`;
}

/** As a source would keep it: the test must not see what the product cannot. */
function filtered(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ENVIRONMENT_NAMES) {
    const value = env[name] === undefined ? null : filterEnvironment(name, env[name]);
    if (value !== null) kept[name] = value;
  }
  return kept;
}

export function rowsOf(...described: readonly Described[]): Map<ProcessKey, Row> {
  return new Map(described.map(row).map((each) => [each.sample.key, each]));
}

export function claim(given: Partial<RegistryClaim> & Pick<RegistryClaim, 'pid'>): RegistryClaim {
  return {
    kind: 'claude-session',
    startTime: null,
    claimedAtMs: BOOT_MS + 1_000_000_000,
    client: 'claude-code',
    sessionId: null,
    agentId: null,
    role: null,
    name: null,
    cwd: null,
    status: null,
    statusAtMs: null,
    path: '/home/user/.claude/sessions/1.json',
    ...given,
  };
}

export function signs(stdinPeer: LifeSigns['stdinPeer'], given: Partial<LifeSigns> = {}): LifeSigns {
  const stdinChannel = stdinPeer === 'none' || stdinPeer === null ? null : 'socket:[4711]';
  return { stdinPeer, stdinChannel, readBytes: null, openFiles: null, unknown: {}, ...given };
}
