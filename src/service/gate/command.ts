import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isatty } from 'node:tty';
import { type Clock, RampartError, type Source } from '../../model/index.ts';
import { AGENT_PATH, openGcReceiver, withGcAgent } from '../../sources/gc-agent/index.ts';
import { createFloorBook, type Isolate } from './floors.ts';
import { createRecord, type WatchRecord } from './record.ts';
import type { WatchSeries } from './series.ts';
import { createTreeWatch, type Part, type TreeLook, type TreeWatch } from './tree.ts';
import { judge, type WatchVerdict } from './verdict.ts';

export interface WatchOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Time between two looks at the tree, ms. */
  readonly everyMs: number;
  /** Time between two forced collections of each Node process, ms; null: only its own collections are listened to. */
  readonly forceGcMs: number | null;
  readonly env: NodeJS.ProcessEnv;
}

export interface WatchDeps {
  readonly source: Source;
  readonly clock: Clock;
}

/** What was seen of a command from its start to its end. Times in ms since its start unless the name says otherwise. */
export interface WatchReport extends WatchVerdict {
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly looks: number;
  /** PSS + swap of the whole tree (RSS where PSS is not known). */
  readonly memory: WatchSeries;
  readonly isolates: readonly Isolate[];
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a command with our own stdin, stdout and stderr and watches its whole process tree until it ends. */
export async function watchCommand(options: WatchOptions, { source, clock }: WatchDeps): Promise<WatchReport> {
  const startedAtMs = clock.nowMs();
  const startMs = clock.monotonicMs();
  const elapsed = (): number => clock.monotonicMs() - startMs;
  const book = createFloorBook();
  const receiver = await openGcReceiver((report) => book.note(report, elapsed()));
  try {
    const child = await startCommand(options, receiver.path);
    const forwarding = forwardSignals(child);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    try {
      const record = createRecord();
      const tree = createTreeWatch(source, child.pid ?? -1);
      // Without forced collections a Node process may have had none yet: silence then tells nothing.
      const silent = options.forceGcMs === null ? () => new Set<number>() : () => receiver.announced();
      const parts = (): ((pid: number) => Part) => {
        const announced = silent();
        return (pid) => (book.reports(pid) ? 'heap' : announced.has(pid) ? 'batch' : 'rest');
      };
      await follow({ tree, record, ended, everyMs: options.everyMs, elapsed, parts });
      const [exitCode, signal] = await ended;
      const { memory, swap, looks } = record;
      const { isolates } = book;
      const figures = { ...record, isolates, parts: { 'swap-hidden': swap }, files: { points: [] } };
      const endedByItself = signal === null && !forwarding.stopped();
      const verdict = judge({ ...figures, startMs: 0, endMs: elapsed(), endedByItself });
      const durationMs = elapsed();
      return {
        ...verdict,
        startedAtMs,
        durationMs,
        exitCode,
        signal,
        looks,
        memory,
        isolates,
      };
    } finally {
      forwarding.stop();
    }
  } finally {
    await receiver.close();
  }
}

async function startCommand(
  { command, args, env, forceGcMs }: WatchOptions,
  socketPath: string,
): Promise<ChildProcess> {
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: withGcAgent(env, { agentPath: AGENT_PATH, socketPath, forceMs: forceGcMs ?? 0 }),
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new RampartError('not-found', `there is no command '${command}'`, 'Check its name and the PATH.', cause);
    if (code === 'EACCES')
      throw new RampartError(
        'not-permitted',
        `'${command}' may not be executed`,
        'Is it a program? `chmod +x` makes one.',
        cause,
      );
    throw new RampartError(
      'io',
      `cannot start '${command}': ${(cause as Error).message}`,
      'Start it without rampart to compare.',
      cause,
    );
  }
  return child;
}

/**
 * Whoever stops us means the command. Ctrl-C at a terminal has already reached it, as it is in the same process group: a
 * second SIGINT would make many programs give up their orderly end.
 */
function forwardSignals(child: ChildProcess): { stop(): void; stopped(): boolean } {
  let stopped = false;
  const listeners = FORWARDED.map((signal) => {
    const listener = (): void => {
      stopped = true;
      if (signal !== 'SIGINT' || !isatty(0)) child.kill(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return {
    stop() {
      for (const stop of listeners) stop();
    },
    stopped: () => stopped,
  };
}

interface Following {
  readonly tree: TreeWatch;
  readonly record: WatchRecord;
  readonly ended: Promise<unknown>;
  readonly everyMs: number;
  readonly elapsed: () => number;
  /** Asked anew for each look. */
  readonly parts: () => (pid: number) => Part;
}

/**
 * Looks until the command has ended. A late look is not made up for. A look counts when the next one has found the tree
 * alive: one that falls into its end sees memory and files being given back.
 */
async function follow({ tree, record, ended, everyMs, elapsed, parts }: Following): Promise<void> {
  let over = false;
  const end = ended.then(() => (over = true));
  let former: { look: TreeLook; atMs: number } | null = null;
  while (!over) {
    const fromMs = elapsed();
    const look = await tree.look(fromMs, parts());
    if (former !== null && look !== null) record.note(former.look, former.atMs);
    former = look === null ? null : { look, atMs: fromMs };
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(20, everyMs - (elapsed() - fromMs)))));
    await Promise.race([pause, end]);
    clearTimeout(timer);
  }
}
