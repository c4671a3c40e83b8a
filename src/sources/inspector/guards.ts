import type { Evidence, Inspectability, ProcessState, Runtime } from '../../model/index.ts';
import type { InspectorFlags } from './flags.ts';
import type { Listening } from './sockets.ts';

/** Who handles SIGUSR1 inside a Node process. */
export interface SignalOwner {
  /** 'node': its own inspector · 'program': a handler of the program · 'unknown': it could not be told. */
  readonly by: 'node' | 'program' | 'unknown';
  readonly reason: string;
}

/** What the guards know of a process. */
export interface Target {
  readonly pid: number;
  /** Its pid in its own pid namespace, as `process.pid` says it. */
  readonly innerPid: number;
  readonly state: ProcessState;
  readonly runtime: Runtime;
  readonly ageMs: number;
  /** SIGUSR1 has a handler. Without one it ends the process. */
  readonly catches: boolean;
  readonly blocks: boolean;
  readonly flags: InspectorFlags;
  /** Where Node would print "Debugger listening on …". 'stdout': the same pipe or socket as its standard output. */
  readonly stderr: 'terminal' | 'stdout' | 'other' | 'unknown';
  readonly sameNetwork: boolean | null;
  readonly listening: readonly Listening[] | null;
  /** Whether anything listens at this port. */
  readonly isTaken: (port: number) => boolean;
  /** Whether it is taken by a Rampart, which gives it back in a moment. */
  readonly isLent: (port: number) => boolean;
  readonly owner: SignalOwner;
}

/** Node takes 5–40 ms until it catches SIGUSR1 and dies of it before (15 of 15 at 0 ms); a loaded machine is slower. */
export const MIN_AGE_MS = 2_000;

interface Guard {
  readonly name: string;
  /** Null: passed. */
  readonly refuse: (target: Target) => string | null;
}

/** What every way of looking inside needs. */
const ALWAYS: readonly Guard[] = [
  {
    name: 'runtime',
    refuse: ({ runtime }) => (runtime === 'node' ? null : FOREIGN_RUNTIME[runtime]),
  },
  {
    name: 'alive',
    refuse: ({ state }) =>
      state === 'stopped'
        ? 'it is stopped (SIGSTOP or a debugger) and could not answer; `kill -CONT` lets it go on'
        : state === 'zombie' || state === 'dead'
          ? 'it has ended and only waits for its parent to notice'
          : null,
  },
  {
    name: 'network',
    refuse: ({ sameNetwork }) =>
      sameNetwork === true ? null : 'it lives in another network namespace (a container): run Rampart inside it',
  },
];

/** What must hold before SIGUSR1 is sent: it ends every process that does not expect it. In this order. */
const SIGNAL: readonly Guard[] = [
  {
    name: 'not-disabled',
    refuse: ({ flags }) =>
      flags.disablesSignal ? 'it runs with --disable-sigusr1: its inspector cannot be opened from outside' : null,
  },
  {
    name: 'age',
    refuse: ({ ageMs }) =>
      ageMs >= MIN_AGE_MS ? null : 'it has just started: in its first moments Node dies of SIGUSR1; ask again in 2 s',
  },
  {
    name: 'catches-signal',
    refuse: ({ catches }) => (catches ? null : 'it does not catch SIGUSR1 (SigCgt in /proc), and would die of it'),
  },
  {
    name: 'not-blocked',
    refuse: ({ blocks }) => (blocks ? 'it blocks SIGUSR1: its inspector would not open' : null),
  },
  {
    name: 'own-handler',
    refuse: ({ owner }) =>
      owner.by === 'node'
        ? null
        : owner.by === 'program'
          ? `${owner.reason}: the signal would do what its author wrote, and open no inspector`
          : `whether the program handles SIGUSR1 itself is not known: ${owner.reason}`,
  },
  {
    name: 'stderr',
    refuse: ({ stderr }) =>
      stderr === 'other'
        ? null
        : stderr === 'terminal'
          ? 'its stderr is a terminal, where Node would print into the display'
          : stderr === 'stdout'
            ? "its stderr and stdout are one channel: Node's notice would stand in the middle of its protocol"
            : 'its stderr could not be looked at',
  },
  {
    name: 'loopback',
    refuse: ({ flags }) =>
      LOOPBACK_HOSTS.has(flags.host)
        ? null
        : 'its inspector would listen on a public address (--inspect-port names one)',
  },
  {
    name: 'port-free',
    refuse: ({ flags, isTaken }) =>
      flags.port !== 0 && isTaken(flags.port)
        ? `port ${flags.port}, its inspector's, is in use by another process`
        : null,
  },
];

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

const FOREIGN_RUNTIME: Readonly<Record<Exclude<Runtime, 'node'>, string>> = {
  bun: 'Bun dies of SIGUSR1 and has no other way in; start it with BUN_INSPECT=ws://127.0.0.1:0/x to debug it',
  deno: 'Deno opens no inspector on a signal; start it with --inspect',
  python: 'Python dies of SIGUSR1; memory by line needs memray or tracemalloc from its start',
  shell: 'a shell has no heap to look into, and dies of SIGUSR1',
  native: 'a native program has no inspector, and may die of SIGUSR1',
  kernel: 'a kernel thread has no heap of its own',
  unknown: 'what runs in it is not known, and SIGUSR1 would end it if it is not Node',
};

/** The port now · it is waited for, if it is a Rampart's that has it · whoever has it. */
export type Patience = 'none' | 'with-rampart' | 'with-all';

/** Whether and how this process can be looked into. */
export function judge(asked: Target, patience: Patience): Inspectability {
  const isTaken = (port: number): boolean =>
    patience !== 'with-all' && asked.isTaken(port) && !(patience === 'with-rampart' && asked.isLent(port));
  const target = { ...asked, isTaken };

  const evidence: Evidence[] = [];
  const failed = (guards: readonly Guard[]): string | null => {
    for (const { name, refuse } of guards) {
      const reason = refuse(target);
      evidence.push({ kind: name, detail: reason ?? 'passed' });
      if (reason !== null) return reason;
    }
    return null;
  };
  const never = failed(ALWAYS);
  if (never !== null) return { possible: false, way: 'none', reason: never, evidence };
  if (openPort(target) !== null) {
    return { possible: true, way: 'port', reason: 'its inspector listens already', evidence };
  }
  const refused = failed(SIGNAL);
  if (refused !== null) return { possible: false, way: 'none', reason: refused, evidence };
  return { possible: true, way: 'signal', reason: 'SIGUSR1 opens its inspector, and we close it again', evidence };
}

/** The inspector that listens already: at the port that its flags name, or at Node's default one. */
export function openPort({ listening, flags }: Target): Listening | null {
  const own = (listening ?? []).filter(({ isLoopback }) => isLoopback);
  const byPort = own.find(({ port }) => port === flags.port);
  // With `--inspect=0` it has any port: only a process with a single listener can be told.
  return byPort ?? (flags.listens && flags.port === 0 && own.length === 1 ? (own[0] ?? null) : null);
}
