import type { WebSocket } from 'ws';
import { RampartError } from '../../model/index.ts';

/** A conversation in Chrome's DevTools protocol with one Node process, or with one worker through it. */
export interface Cdp {
  send(method: string, params?: object, timeoutMs?: number): Promise<Readonly<Record<string, unknown>>>;
  /** Until the returned function is called. */
  on(event: string, listener: (params: Readonly<Record<string, unknown>>) => void): () => void;
}

export interface CdpConnection extends Cdp {
  /** Stops reading from the socket: the far end's messages wait there. */
  pause(): void;
  resume(): void;
  isLost(): boolean;
  /** Drops the connection at once. */
  drop(): void;
}

/** A process that answers nothing for so long is stopped, swapped out or in one long synchronous call. */
export const CALL_TIMEOUT_MS = 10_000;
/** The inspector's own thread answers these, however busy the process is. */
const CONNECT_TIMEOUT_MS = 2_000;
/** A profile of a large program is a few MB; a hostile one must not fill our memory. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_LIST_BYTES = 64 * 1024;

/** Connects to the inspector at this port of our own machine. Its library is loaded here, with the first use. */
export async function connectCdp(address: string, port: number): Promise<CdpConnection> {
  const id = await targetId(address, port);
  const { WebSocket: Client } = await import('ws');
  const host = address.includes(':') ? `[${address}]` : address;
  const socket = new Client(`ws://${host}:${port}/${id}`, {
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    followRedirects: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (cause) => reject(lost('the inspector does not accept us', cause)));
  });
  return converse(socket);
}

/** The path under which the process speaks, from the list that every Node inspector serves. */
async function targetId(address: string, port: number): Promise<string> {
  const { get } = await import('node:http');
  const text = await new Promise<string>((resolve, reject) => {
    const request = get(
      { host: address, port, path: '/json/list', timeout: CONNECT_TIMEOUT_MS, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          body += piece;
          if (body.length > MAX_LIST_BYTES) request.destroy(new Error('the list of targets is too long'));
        });
        response.on('end', () => resolve(body));
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (cause) => reject(lost('the inspector does not answer', cause)));
  });
  const id = idIn(text);
  if (id === null) throw lost('what listens there is no inspector of Node');
  return id;
}

function idIn(text: string): string | null {
  try {
    const list: unknown = JSON.parse(text);
    const first: unknown = Array.isArray(list) ? list[0] : null;
    const id = (first as { id?: unknown } | null)?.id;
    return typeof id === 'string' && /^[\w-]{8,64}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}

function converse(socket: WebSocket): CdpConnection {
  let isLost = false;
  const talk = createTalk((message) => socket.send(message));
  socket.on('message', (data: Buffer) => talk.hear(data.toString('utf8')));
  const end = (): void => {
    isLost = true;
    talk.end(lost('the connection to its inspector is gone: it ended, or its inspector was closed'));
  };
  socket.on('close', end);
  socket.on('error', () => socket.terminate());
  return {
    send: (method, params, timeoutMs) => talk.send(method, params, timeoutMs),
    on: (event, listener) => talk.on(event, listener),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    isLost: () => isLost,
    drop: () => socket.terminate(),
  };
}

interface Talk extends Cdp {
  hear(message: string): void;
  end(error: RampartError): void;
}

interface Pending {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Requests and answers over anything that carries text: a socket, or messages relayed to a worker. */
export function createTalk(write: (message: string) => void): Talk {
  const pending = new Map<number, Pending>();
  const listeners = new Map<string, Set<(params: Readonly<Record<string, unknown>>) => void>>();
  let ended: RampartError | null = null;
  let nextId = 1;
  return {
    send: (method, params = {}, timeoutMs = CALL_TIMEOUT_MS) =>
      new Promise((resolve, reject) => {
        if (ended !== null) return reject(ended);
        const id = nextId;
        nextId += 1;
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(
            new RampartError(
              'timeout',
              `the process did not answer within ${timeoutMs} ms`,
              'It is in one long synchronous call, or swapped out: try again later.',
            ),
          );
        }, timeoutMs);
        pending.set(id, { resolve, reject, timer });
        write(JSON.stringify({ id, method, params }));
      }),
    on: (event, listener) => {
      const known = listeners.get(event) ?? new Set();
      listeners.set(event, known.add(listener));
      return () => known.delete(listener);
    },
    hear: (message) => {
      const said = parse(message);
      if (said === null) return;
      if (typeof said['method'] === 'string') {
        for (const listener of listeners.get(said['method']) ?? []) listener(record(said['params']));
        return;
      }
      const waiting = pending.get(said['id'] as number);
      if (waiting === undefined) return;
      pending.delete(said['id'] as number);
      clearTimeout(waiting.timer);
      const error = said['error'] as { message?: unknown } | undefined;
      if (error === undefined) waiting.resolve(record(said['result']));
      else waiting.reject(lost(`its inspector refused: ${String(error.message).slice(0, 200)}`));
    },
    end: (error) => {
      ended = error;
      for (const { reject, timer } of pending.values()) {
        clearTimeout(timer);
        reject(error);
      }
      pending.clear();
    },
  };
}

function parse(message: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function lost(message: string, cause?: unknown): RampartError {
  return new RampartError(
    'io',
    message,
    'Ask again; if it stays, `rampart inspect PID --no-attach` tells the rest.',
    cause,
  );
}
