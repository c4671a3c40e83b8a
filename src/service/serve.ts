import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rampart } from '../model/index.ts';
import { RampartError } from '../model/index.ts';
import { connect, ConnectionLost } from './client.ts';
import { createLife } from './life.ts';
import { elect, type Lock } from './lock.ts';
import { PROTOCOL, type Welcome } from './protocol.ts';
import { openRuntimeDir } from './runtime-dir.ts';
import { openSocketServer } from './socket-server.ts';

/** What is served, made after the lock is ours: until then nothing may touch history or source. */
export interface ServiceParts {
  readonly rampart: Rampart;
  readonly lingerMs: number;
  /** Flushes and closes everything; called once. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly mode: Welcome['mode'];
  readonly socketPath: string;
  readonly version: string;
  readonly startedAtMs: number;
  /** Ends the start or the service from outside, as the signals do. */
  readonly open: (lock: Lock) => Promise<ServiceParts>;
  readonly onReady?: (welcome: Welcome) => void;
}

/** 'taken': another service holds the lock. */
export type ServeOutcome =
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'ended'; readonly reason: string };

/** A predecessor flushes its history before it lets go. */
const PREDECESSOR_DEADLINE_MS = 10_000;
/** Whoever sends TERM wants us gone within a second; what cannot be flushed by then is lost as by kill -9. */
const LEAVE_DEADLINE_MS = 900;

/** Runs the one service of this user and machine until it ends. */
export async function serve(options: ServeOptions): Promise<ServeOutcome> {
  const dir = dirname(options.socketPath);
  openRuntimeDir(dir);
  const lock = options.mode === 'foreground' ? await takeOver(dir, options.socketPath) : await elect(dir);
  if (lock === null) return { outcome: 'taken' };
  let reachable = (): boolean => true;
  const welcome: Welcome = {
    protocol: PROTOCOL,
    version: options.version,
    pid: process.pid,
    mode: options.mode,
    startedAtMs: options.startedAtMs,
  };
  const parts = await options.open(lock).catch(async (cause: unknown) => {
    await lock.release();
    throw cause;
  });
  const life = createLife({
    mode: options.mode,
    lingerMs: parts.lingerMs,
    isSound: () => lock.isHeld() && reachable(),
  });
  let exitTimer: NodeJS.Timeout | null = null;
  try {
    const server = await openSocketServer({
      socketPath: options.socketPath,
      rampart: parts.rampart,
      welcome,
      onClients: life.clients,
      onHandover: () => {
        if (options.mode === 'foreground') {
          return { accepted: false, reason: `process ${process.pid} was started by hand: only its user ends it` };
        }
        // After the answer is on its way.
        setImmediate(() => life.end('handed over to a newer version'));
        return { accepted: true, reason: 'leaving' };
      },
    });
    reachable = server.isReachable;
    options.onReady?.(welcome);
    const reason = await life.ended;
    exitTimer = setTimeout(() => process.exit(1), LEAVE_DEADLINE_MS);
    await server.close();
    return { outcome: 'ended', reason };
  } finally {
    life.dispose();
    await parts.close();
    await lock.release();
    if (exitTimer !== null) clearTimeout(exitTimer);
  }
}

/** `rampart start` wins over a background service, which leaves for it; two of them cannot be. */
async function takeOver(dir: string, socketPath: string): Promise<Lock> {
  const deadline = performance.now() + PREDECESSOR_DEADLINE_MS;
  for (;;) {
    const lock = await elect(dir);
    if (lock !== null) return lock;
    await askToLeave(socketPath);
    if (performance.now() > deadline) {
      throw new RampartError(
        'service-busy',
        'another Rampart service holds the lock and does not leave',
        `A file NUMBER-PID-….lock in ${dir} names its pid; end that process and start again.`,
      );
    }
    await sleep(50);
  }
}

async function askToLeave(socketPath: string): Promise<void> {
  try {
    const predecessor = await connect({ socketPath, face: 'cli' });
    const { accepted } = await predecessor.handover().finally(() => predecessor.close());
    if (accepted) return;
    throw new RampartError(
      'service-busy',
      `Rampart runs already (pid ${predecessor.service.pid}, started by hand)`,
      `Use it with \`rampart status\` or \`rampart top\`, or end it first: kill ${predecessor.service.pid}`,
    );
  } catch (error) {
    // It is just starting or leaving.
    if (!(error instanceof ConnectionLost)) throw error;
  }
}
