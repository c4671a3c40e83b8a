/**
 * A process as it was seen: identity, what it is (facts, read once), what it uses (a sample per look).
 * Sizes are bytes, durations milliseconds, times milliseconds since the epoch unless the name says otherwise.
 */

/** A pid alone is reused (32,768 pids wrap within a minute); with the start time it is an identity. */
export interface ProcessId {
  readonly pid: number;
  /**
   * Linux: field 22 of `/proc/PID/stat` (clock ticks since boot), as Claude Code writes it in `procStart`.
   * Elsewhere: start in ms since the epoch. An opaque token: compare it, never compute with it.
   */
  readonly startTime: number;
}

/** `pid:startTime`, for maps and the wire. */
export type ProcessKey = `${number}:${number}`;

export type ProcessState = 'running' | 'sleeping' | 'disk-sleep' | 'stopped' | 'zombie' | 'dead' | 'unknown';

export type Runtime = 'node' | 'bun' | 'deno' | 'python' | 'shell' | 'native' | 'kernel' | 'unknown';

/**
 * What a process is. Read once per identity (and again after an exec). Text that the process chose is already
 * redacted and stripped (see `untrusted/`) when it gets here; it stays data, never instruction.
 */
export interface ProcessFacts {
  readonly comm: string;
  /** Real path of the executable; null when it may not be read (another user's) or does not exist (kernel thread). */
  readonly exe: string | null;
  /** The file behind `exe` was replaced or removed since the start: the process runs old code. Absent: no, or not known. */
  readonly exeDeleted?: boolean;
  /** Command line: redacted, control characters stripped, at most 64 arguments of 200 characters. */
  readonly argv: readonly string[];
  readonly cwd: string | null;
  /** Only the names in `agents/environment.ts`; whole environments hold tokens and are never kept. */
  readonly env: Readonly<Record<string, string>>;
  readonly uid: number | null;
  /** Path of the memory cgroup inside its hierarchy, e.g. `/user.slice/…`. */
  readonly cgroup: string | null;
  readonly runtime: Runtime;
  /** Start, in ms since the epoch. */
  readonly startedAtMs: number | null;
  /** Names of the null fields above → why each is not known. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** Memory as the kernel shares it out; reading it costs 0.4–10 ms a process, so it carries its own time. */
export interface Footprint {
  /** Proportional set size: private pages plus a fair share of the shared ones. Sums over a tree without double counting. */
  readonly pssBytes: number;
  /** Unique set size: what would be free if this process ended. */
  readonly ussBytes: number;
  /** The process's share of swap (SwapPss; Swap on kernels before 4.3). RSS does not see it. */
  readonly swapBytes: number;
  readonly rssBytes: number;
  readonly atMs: number;
}

/** One look at one process. The object is reused and updated in place by its source: copy what must be kept. */
export interface ProcessSample extends ProcessId {
  readonly key: ProcessKey;
  readonly ppid: number;
  readonly processGroup: number;
  /** The POSIX session (setsid), not an agent's session. */
  readonly sessionLeader: number;
  /** Controlling terminal device number; 0: none. */
  readonly tty: number;
  readonly state: ProcessState;
  readonly rssBytes: number;
  /** Resident anonymous pages (RssAnon); stands in for USS at 2 µs a process. Null where the platform does not tell. */
  readonly anonBytes: number | null;
  /** User + system CPU time since start. */
  readonly cpuMs: number;
  /** When `cpuMs` was read, which is more seldom than memory: divide differences of both. Absent: together with it. */
  readonly cpuAtMs?: number;
  readonly threads: number | null;
  /** When `rssBytes` was read; when it last moved by more than 1/64. */
  readonly sampledAtMs: number;
  readonly changedAtMs: number;
  /** Last PSS reading, if the budget reached this process yet. */
  readonly footprint: Footprint | null;
}

/** Cheap signs of life and death of one process, read on demand (Linux; elsewhere fields are null with the reason). */
export interface LifeSigns {
  /** Whether anyone holds the other end of stdin. 'none': stdin is no socket or pipe (a file, a tty, /dev/null). */
  readonly stdinPeer: 'alive' | 'dead' | 'none' | null;
  /** Identity of the stdin channel (socket or pipe inode), to see a new client on the same process. */
  readonly stdinChannel: string | null;
  /** Bytes read so far by all syscalls of the process (`rchar`); grows with each request on stdin (not under Bun). */
  readonly readBytes: number | null;
  readonly openFiles: number | null;
  /**
   * Has a listening socket (TCP or UNIX): its clients need no stdin. Looked for only where stdin is dead, or when asked to be
   * thorough; absent: not known.
   */
  readonly listening?: boolean;
  /** One of stdin, stdout, stderr is a pipe or a socket: somebody else is, or was, at the other end. Only when thorough. */
  readonly hasChannel?: boolean;
  readonly unknown: Readonly<Record<string, string>>;
}
