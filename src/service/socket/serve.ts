import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rampart } from '../../model/index.ts';
import { RampartError } from '../../model/index.ts';
import { connect, ConnectionLost, type RemoteRampart } from './client.ts';
import { createLife, type Life } from './life.ts';
import { elect, type Lock } from './lock.ts';
import { PROTOCOL, type HandoverAnswer, type Welcome } from './protocol.ts';
import { openRuntimeDir } from './runtime-dir.ts';
import { openSocketServer, type SocketServer } from './server.ts';

/** What is served, made after the lock is ours: until then nothing may touch history or source. */
export interface ServiceParts {
  readonly rampart: Rampart;
  readonly lingerMs: number;
  /** URL of the HTTP face; null: it is off, or its port is taken. */
  readonly url: string | null;
  /** Sentences for whoever watches: what could not be opened and why. */
  readonly notes: readonly string[];
  /** An action is under way: the service does not leave for another before it has ended. */
  readonly isActing: () => boolean;
  /** Flushes and closes everything; called once. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly mode: Welcome['mode'];
  readonly socketPath: string;
  readonly version: string;
  readonly startedAtMs: number;
  readonly open: () => Promise<ServiceParts>;
  /** After everything of ours is removed; ends the process although something hangs. */
  readonly onOverdue: () => void;
}

/** A service that runs in this process. */
export interface RunningService {
  readonly rampart: Rampart;
  readonly socketPath: string;
  readonly url: string | null;
  readonly notes: readonly string[];
  /** Resolves when it has ended and removed what was its own, with the reason: a signal, a newer service, no client. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** Becomes the one service of this user and machine. Null: another one is it (never in the foreground, which throws). */
export async function serve(options: ServeOptions): Promise<RunningService | null> {
  const { mode, socketPath } = options;
  const dir = dirname(socketPath);
  let lock: Lock | null = null;
  let server: SocketServer | null = null;
  const life = createLife({
    mode,
    onOverdue: () => {
      server?.remove();
      lock?.remove();
      options.onOverdue();
    },
  });
  let parts: ServiceParts | null = null;

  const tearDown = async (): Promise<void> => {
    try {
      await server?.close();
      await parts?.close();
    } finally {
      // Last of all: whoever is elected next opens the same history.
      await lock?.release();
      life.dispose();
    }
  };

  try {
    openRuntimeDir(dir);
    lock = mode === 'foreground' ? await takeOver(dir, socketPath) : await elect(dir);
    if (lock === null) {
      life.dispose();
      return null;
    }
    parts = await options.open();
    server = await openServer(options, parts, life);
  } catch (error) {
    await tearDown();
    throw error;
  }
  const [held, reachable] = [lock, server];
  life.settle(parts.lingerMs, () => held.isHeld() && reachable.isReachable());
  const ended = life.over.then(async (reason) => {
    await tearDown();
    return reason;
  });
  return {
    rampart: parts.rampart,
    socketPath,
    url: parts.url,
    notes: parts.notes,
    ended,
    close: async () => {
      life.end('closed');
      await ended;
    },
  };
}

function openServer(options: ServeOptions, { rampart, isActing }: ServiceParts, life: Life): Promise<SocketServer> {
  const { mode, socketPath, version, startedAtMs } = options;
  return openSocketServer({
    socketPath,
    rampart,
    welcome: { protocol: PROTOCOL, version, pid: process.pid, mode, startedAtMs },
    onClients: (count) => life.clients(count),
    onHandover: () => {
      if (mode === 'foreground') {
        return { accepted: false, reason: `process ${process.pid} was started by hand: only its user ends it` };
      }
      if (isActing()) return { accepted: false, reason: 'an action is under way: ask again when it has ended' };
      // After the answer is on its way.
      setImmediate(() => life.end('handed over'));
      return { accepted: true, reason: 'leaving' };
    },
  });
}

/** A predecessor ends the action that is under way (grace and settling: 5 + 10 s) and flushes its history. */
const PREDECESSOR_DEADLINE_MS = 30_000;
const POLL_MS = 50;

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
        `A file NUMBER-PID-….lock in ${dir} names its pid: end that process and start again.`,
      );
    }
    await sleep(POLL_MS);
  }
}

async function askForHandover(predecessor: RemoteRampart): Promise<HandoverAnswer> {
  try {
    return await predecessor.handover();
  } finally {
    await predecessor.close();
  }
}

async function askToLeave(socketPath: string): Promise<void> {
  try {
    const predecessor = await connect({ socketPath, face: 'cli' });
    const { accepted } = await askForHandover(predecessor);
    // One in the background refuses only for a while.
    if (accepted || predecessor.service.mode === 'background') return;
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
