/**
 * The socket client: `Rampart` spoken to the service. Every agent session holds one of these in its stdio relay, so it
 * imports nothing but node:net and types.
 */
import { lstatSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { RampartError, type Caller, type Rampart, type RampartEvent } from '../../model/index.ts';
import { createLineSplitter, MAX_ANSWER_BYTES } from './frames.ts';
import {
  fromWire,
  OLDEST_PROTOCOL,
  PROTOCOL,
  questions,
  type Answer,
  type HandoverAnswer,
  type Hello,
  type Method,
  type Question,
  type Welcome,
} from './protocol.ts';
import { checkRuntimeDir } from './runtime-dir.ts';
import { VERSION } from '../version.ts';

export interface ConnectOptions {
  readonly socketPath: string;
  readonly face: Caller['face'];
  /** Package version to name in the handshake; tests play an older or newer client with it. */
  readonly version?: string;
  /** Longest wait for one answer. */
  readonly callTimeoutMs?: number;
}

/** A connection to a running service. */
export interface RemoteRampart extends Rampart {
  readonly service: Welcome;
  /** Asks the service to flush, release its lock and leave, so that a newer one can start. */
  handover(): Promise<HandoverAnswer>;
  /** The connection is known to be gone: nothing that is asked now leaves this process. */
  isLost(): boolean;
  /** Called once when the connection ends without `close()`. */
  onLost(listener: () => void): void;
}

/** The service went away under us; the question may be asked again of its successor, since all questions only read. */
export class ConnectionLost extends RampartError {
  constructor(message: string, cause?: unknown) {
    super('service-unavailable', message, 'Ask again: the next call starts a new service.', cause);
  }
}

/** A status of thousands of processes takes a second; a minute of silence is a service that hangs. */
const CALL_TIMEOUT_MS = 60_000;
/** Profiles, snapshots and graceful ends take minutes, and tell of their progress meanwhile. */
const LONG_MS = 15 * 60_000;
const TIMEOUTS_MS: Partial<Record<Question, number>> = {
  inspect: LONG_MS,
  capture: LONG_MS,
  applyAction: LONG_MS,
  undoAction: LONG_MS,
};
const HELLO_TIMEOUT_MS = 5_000;

/** Connects to the running service. Throws `ConnectionLost` ('service-unavailable') when there is none. */
export async function connect(options: ConnectOptions): Promise<RemoteRampart> {
  checkSocket(options.socketPath);
  const socket = await open(options.socketPath);
  const channel = createChannel(socket, options.callTimeoutMs ?? CALL_TIMEOUT_MS);
  const hello: Hello = {
    protocol: PROTOCOL,
    oldestProtocol: OLDEST_PROTOCOL,
    version: options.version ?? VERSION,
    pid: process.pid,
    face: options.face,
  };
  try {
    return createRemote(channel, (await channel.call('hello', hello, HELLO_TIMEOUT_MS)) as Welcome);
  } catch (error) {
    channel.close();
    throw error;
  }
}

function createRemote(channel: Channel, service: Welcome): RemoteRampart {
  const call = <T>(method: Method, params?: unknown): Promise<T> => channel.call(method, params) as Promise<T>;
  return {
    service,
    ...questions((method, params) => channel.call(method, params, TIMEOUTS_MS[method])),
    handover: () => call('handover'),
    subscribe: async (listener) => {
      if (channel.listeners.size === 0) await call('subscribe');
      channel.listeners.add(listener);
      return () => {
        channel.listeners.delete(listener);
        // A service that is gone has no subscription left to end.
        if (channel.listeners.size === 0) void call('unsubscribe').catch(() => undefined);
      };
    },
    isLost: () => channel.isLost(),
    onLost: (listener) => channel.onLost(listener),
    close: async () => channel.close(),
  };
}

interface Channel {
  readonly listeners: Set<(event: RampartEvent) => void>;
  call(method: Method, params?: unknown, timeoutMs?: number): Promise<unknown>;
  isLost(): boolean;
  onLost(listener: () => void): void;
  close(): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

function createChannel(socket: Socket, defaultTimeoutMs: number): Channel {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(event: RampartEvent) => void>();
  let lost: ConnectionLost | null = null;
  let closedByUs = false;
  let onLost: (() => void) | null = null;
  let nextId = 1;

  const settle = (answer: Answer): void => {
    if ('method' in answer) {
      for (const listener of listeners) listener(answer.params);
      return;
    }
    const waiting = answer.id === null ? undefined : pending.get(answer.id);
    if (answer.id === null || waiting === undefined) return;
    pending.delete(answer.id);
    clearTimeout(waiting.timer);
    if ('error' in answer) waiting.reject(fromWire(answer.error));
    else waiting.resolve(answer.result);
  };

  const push = createLineSplitter(MAX_ANSWER_BYTES, (line) => {
    try {
      settle(JSON.parse(line) as Answer);
    } catch {
      socket.destroy();
    }
  });

  const end = (cause?: unknown): void => {
    if (lost !== null) return;
    lost = new ConnectionLost('the connection to the Rampart service is gone', cause);
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer);
      reject(lost);
    }
    pending.clear();
    socket.destroy();
    if (!closedByUs) onLost?.();
  };

  socket.on('data', (chunk: Buffer) => {
    if (!push(chunk)) end(new Error('an answer was too long'));
  });
  socket.on('error', end);
  socket.on('close', () => end());

  return {
    listeners,
    isLost: () => lost !== null,
    call: (method, params, timeoutMs = defaultTimeoutMs) =>
      new Promise((resolve, reject) => {
        if (lost !== null) {
          reject(lost);
          return;
        }
        const id = nextId;
        nextId += 1;
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(
            new RampartError(
              'timeout',
              `the Rampart service did not answer '${method}' within ${timeoutMs} ms`,
              'It may be stopped or out of memory: see `rampart doctor`.',
            ),
          );
        }, timeoutMs);
        pending.set(id, { resolve, reject, timer });
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      }),
    onLost: (listener) => {
      onLost = listener;
    },
    close: () => {
      closedByUs = true;
      end();
    },
  };
}

/** Another user's socket would be told what we ask, and could answer anything. */
function checkSocket(socketPath: string): void {
  if (process.platform === 'win32') return;
  const none = (): ConnectionLost => new ConnectionLost('no Rampart service is running');
  if (checkRuntimeDir(dirname(socketPath)) === 'absent') throw none();
  const stat = lstatSync(socketPath, { throwIfNoEntry: false });
  if (stat === undefined) throw none();
  if (stat.isSocket() && stat.uid === process.geteuid?.()) return;
  throw new RampartError(
    'not-permitted',
    `${socketPath} is no socket of yours`,
    'Remove it, or set RAMPART_RUNTIME_DIR to a directory of your own.',
  );
}

function open(socketPath: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath });
    const failed = (cause: Error): void => reject(new ConnectionLost('no Rampart service is running', cause));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}
