import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isatty } from 'node:tty';
import { createLeakDetector } from '../detectors/index.ts';
import { type Clock, type LeakFinding, RampartError, type Source } from '../model/index.ts';
import { AGENT_PATH, openGcReceiver, withGcAgent } from '../sources/gc-agent/index.ts';
import { createFloorBook, type Isolate } from './watch-floors.ts';
import { createWatchSeries, type WatchSeries } from './watch-series.ts';
import { createTreeWatch, type TreeLook, type TreeWatch } from './watch-tree.ts';
import { judge, type WatchVerdict } from './watch-verdict.ts';

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
  /** What the detectors say of memory outside known V8 heaps, and of counts. */
  readonly finding: LeakFinding;
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Minima of a second: what a moment's allocation adds is not looked at. */
const STEP_MS = 1000;

/** Runs a command with our own stdin, stdout and stderr and watches its whole process tree until it ends. */
export async function watchCommand(options: WatchOptions, { source, clock }: WatchDeps): Promise<WatchReport> {
  const startedAtMs = clock.nowMs();
  const startMs = clock.monotonicMs();
  const elapsed = (): number => clock.monotonicMs() - startMs;
  const book = createFloorBook();
  const receiver = await openGcReceiver((report) => book.note(report, elapsed()));
  try {
    const child = await startCommand(options, receiver.path);
    const stopForwarding = forwardSignals(child);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    try {
      const record = createRecord();
      const tree = createTreeWatch(source, child.pid ?? -1);
      await follow({ tree, record, ended, everyMs: options.everyMs, elapsed, elsewhere: (pid) => book.reports(pid) });
      const [exitCode, signal] = await ended;
      const finding = record.detector.verdict();
      const { rest, children, threads, openFiles, memory } = record;
      const { isolates } = book;
      const verdict = judge({ endMs: elapsed(), isolates, rest, children, threads, openFiles, finding });
      const durationMs = elapsed();
      return {
        ...verdict,
        startedAtMs,
        durationMs,
        exitCode,
        signal,
        looks: record.looks(),
        memory,
        isolates,
        finding,
      };
    } finally {
      stopForwarding();
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
function forwardSignals(child: ChildProcess): () => void {
  const listeners = FORWARDED.map((signal) => {
    const listener = (): void => {
      if (signal !== 'SIGINT' || !isatty(0)) child.kill(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

function createRecord() {
  const detector = createLeakDetector({ profile: 'run' });
  const [memory, rest, children, threads, openFiles] = Array.from({ length: 5 }, () => createWatchSeries(STEP_MS)) as [
    WatchSeries,
    WatchSeries,
    WatchSeries,
    WatchSeries,
    WatchSeries,
  ];
  let looks = 0;
  return {
    detector,
    memory,
    rest,
    children,
    threads,
    openFiles,
    looks: () => looks,
    note(look: TreeLook, tMs: number): void {
      looks += 1;
      const { cpuRatio } = look;
      memory.push(tMs, (look.pssBytes ?? look.rssBytes) + (look.swapBytes ?? 0));
      if (look.rest.rssBytes > 0)
        rest.push(tMs, (look.rest.pssBytes ?? look.rest.rssBytes) + (look.rest.swapBytes ?? 0));
      children.push(tMs, look.processes - 1);
      if (look.threads !== null) threads.push(tMs, look.threads);
      if (look.openFiles !== null) openFiles.push(tMs, look.openFiles);
      const counts = { threads: look.threads, openFiles: look.openFiles, children: look.processes - 1 };
      detector.push({ tMs, ...look.rest, cpuRatio, ...counts });
    },
  };
}

interface Following {
  readonly tree: TreeWatch;
  readonly record: ReturnType<typeof createRecord>;
  readonly ended: Promise<unknown>;
  readonly everyMs: number;
  readonly elapsed: () => number;
  readonly elsewhere: (pid: number) => boolean;
}

/**
 * Looks until the command has ended. A late look is not made up for. A look counts when the next one has found the tree
 * alive: one that falls into its end sees memory and files being given back.
 */
async function follow({ tree, record, ended, everyMs, elapsed, elsewhere }: Following): Promise<void> {
  let over = false;
  const end = ended.then(() => (over = true));
  let former: { look: TreeLook; atMs: number } | null = null;
  while (!over) {
    const fromMs = elapsed();
    const look = await tree.look(fromMs, elsewhere);
    if (former !== null && look !== null) record.note(former.look, former.atMs);
    former = look === null ? null : { look, atMs: fromMs };
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(20, everyMs - (elapsed() - fromMs)))));
    await Promise.race([pause, end]);
    clearTimeout(timer);
  }
}
