import { geteuid } from 'node:process';
import {
  RampartError,
  type Clock,
  type ErrorCode,
  type Inspectability,
  type Inspector,
  type ProcessId,
} from '../../model/index.ts';
import { createProcIo } from '../linux/proc-io.ts';
import { readKernelUnits } from '../linux/units.ts';
import { closing, openDoor, type Door, type DoorDeps } from './door.ts';
import { createNoInspector } from './elsewhere.ts';
import { judge, type Patience, type Target } from './guards.ts';
import { lockName, takeMachineLock } from './lock.ts';
import { createOpenInspector } from './open-inspector.ts';
import { createOverdue } from './overdue.ts';
import { createSignalOwners } from './signal-owner.ts';
import { createSockets } from './sockets.ts';
import { readSplit } from './split.ts';
import { createTargetReader } from './target.ts';

interface InspectorOptions {
  readonly clock: Clock;
  readonly procRoot?: string | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  /** Tests put another in its place, which only counts. */
  readonly kill?: ((pid: number) => void) | undefined;
}

/** Looks into Node processes on Linux, and refuses elsewhere. Holds nothing while nobody asks; its network code is loaded with the first use. */
export function createInspector(options: InspectorOptions): Inspector {
  const platform = options.platform ?? process.platform;
  return platform === 'linux' ? createLinuxInspector(options) : createNoInspector(platform);
}

function createLinuxInspector({ clock, procRoot = '/proc', kill = signal }: InspectorOptions): Inspector {
  const io = createProcIo();
  const units = readKernelUnits();
  const owners = createSignalOwners(io, procRoot);
  const targets = createTargetReader({ io, procRoot, tickMs: units.tickMs, ownUid: geteuid?.() ?? -1, owners });
  const sockets = createSockets(io, procRoot);
  const listening = (pid: number) => sockets.listening(pid);
  const overdue = createOverdue({ clock, isSame: (process) => targets.isSame(process), listening });
  /** One after the other for one process: a second one would find the first one's inspector open. */
  const queues = new Map<number, Promise<unknown>>();
  const doorsOpen = new Set<Door>();
  const ended = new AbortController();

  const examine = (
    process: ProcessId,
    patience: Patience,
  ): { target: Target | null; verdict: Inspectability; code: ErrorCode } => {
    const target = targets.read(process);
    if (target === 'gone') return { target: null, verdict: refusal('it has ended', 'gone'), code: 'not-found' };
    if (target === 'not-permitted') {
      const reason = 'it belongs to another user, or the system protects it from us';
      return { target: null, verdict: refusal(reason, 'own-user'), code: 'not-permitted' };
    }
    const verdict = judge(target, patience);
    const isBusy = verdict.evidence.at(-1)?.kind === 'port-free';
    return { target, verdict, code: isBusy && !verdict.possible ? 'service-busy' : 'unsupported' };
  };

  const look: DoorDeps['look'] = (process, patience) => {
    if (ended.signal.aborted) throw closing();
    const { target, verdict, code } = examine(process, patience);
    if (target !== null && verdict.way !== 'none') return { target, way: verdict.way };
    throw new RampartError(code, `the process cannot be looked into: ${verdict.reason}`, HINTS[code] ?? HINT);
  };

  const doors: DoorDeps = {
    clock,
    look,
    listening,
    ended: ended.signal,
    lock: ({ flags, pid }) => takeMachineLock(lockName(flags.port === 0 ? `pid-${pid}` : flags.port)),
    signal: ({ pid, startTime }) => {
      // The identity last: between it and the signal lie microseconds.
      const isSafe =
        owners.of({ pid, startTime }).by === 'node' && targets.catchesSignal(pid) && targets.isSame({ pid, startTime });
      if (!isSafe) throw new RampartError('not-found', 'the process ended or changed just now', 'Ask again.');
      kill(pid);
    },
    onOverdue: (process, isOurs) => overdue.watch(process, isOurs),
  };

  const rssBytes = (pid: number): number => {
    const length = io.read(`${procRoot}/${pid}/statm`);
    return length > 0 ? Number(io.bytes.toString('latin1', 0, length).split(' ')[1]) * units.pageBytes : 0;
  };

  return {
    check: async (process) => {
      await owners.settle(process);
      return examine(process, 'with-rampart').verdict;
    },
    split: async (process) => {
      const split = readSplit(io, procRoot, process.pid, clock.nowMs());
      return split !== null && targets.isSame(process) ? split : null;
    },
    attach(process, work, onClosed) {
      const attached = async () => {
        await owners.settle(process);
        const door = await openDoor(doors, process);
        doorsOpen.add(door);
        try {
          return await work(createOpenInspector({ clock, door, rssBytes: () => rssBytes(process.pid) }));
        } finally {
          await door.close();
          doorsOpen.delete(door);
          onClosed?.(Math.round(door.openMs()));
        }
      };
      const turn = (queues.get(process.pid) ?? Promise.resolve()).then(attached, attached);
      const done = turn
        .catch(() => undefined)
        .finally(() => {
          if (queues.get(process.pid) === done) queues.delete(process.pid);
        });
      queues.set(process.pid, done);
      return turn;
    },
    async close() {
      ended.abort();
      // Whatever is at work behind an open door fails now: leaving the door open would be worse.
      await Promise.all([...doorsOpen].map((door) => door.close()));
      overdue.close();
    },
  };
}

const signal = (pid: number): void => void process.kill(pid, 'SIGUSR1');

function refusal(reason: string, kind: string): Inspectability {
  return { possible: false, way: 'none', reason, evidence: [{ kind, detail: reason }] };
}

const HINT = '`rampart inspect PID --no-attach` tells what can be seen from outside.';
const HINTS: Partial<Record<ErrorCode, string>> = {
  'not-found': 'Run `rampart status` to see what lives.',
  'not-permitted': 'Run Rampart as its user.',
  'service-busy': 'Close the debugger that has the port, or start the process with NODE_OPTIONS=--inspect-port=0.',
};
