import type { Socket } from 'node:net';
import type { Rampart, RampartEvent } from '../../model/index.ts';
import { createLineSplitter, MAX_ANSWER_BYTES, MAX_REQUEST_BYTES } from './frames.ts';
import { PARAMS } from './params.ts';
import {
  OLDEST_PROTOCOL,
  PROTOCOL,
  protocolsMeet,
  QUERIES,
  COMMANDS,
  toWire,
  type Answer,
  type HandoverAnswer,
  type Question,
  type Welcome,
} from './protocol.ts';
import { RampartError } from '../../model/index.ts';

export interface ConnectionDeps {
  readonly rampart: Rampart;
  readonly welcome: Welcome;
  /** The handshake was good: from now on this is a client, and the service stays for it. */
  readonly onWelcomed: () => void;
  readonly onHandover: () => HandoverAnswer;
}

/**
 * These take seconds or minutes: they are answered when they are done, and what was asked after them meanwhile. So many
 * at a time; another one waits its turn like any question.
 */
const LONG: ReadonlySet<string> = new Set<Question>(['inspect', 'capture', 'applyAction', 'undoAction']);
const MAX_LONG = 4;
/** A client sends `hello` at once; who does not, is none. */
const HELLO_TIMEOUT_MS = 5_000;
/** Requests that wait in one connection before it is no longer read. */
const MAX_WAITING = 32;
/** Events are dropped for a subscriber that has this much unread: the newest status is a query away. */
const MAX_UNREAD_EVENT_BYTES = 256 * 1024;
/** A client that leaves an answer unread for so long will not read it. */
const DRAIN_TIMEOUT_MS = 30_000;

const QUESTIONS: readonly Question[] = [...QUERIES, ...COMMANDS];

function answerTo(rampart: Rampart, question: Question, params: unknown): Promise<unknown> {
  const read = PARAMS[question];
  // `PARAMS` has the reader of each method's own parameter: the types agree by construction.
  const method = rampart[question] as (parameter?: unknown) => Promise<unknown>;
  return read === null ? method() : method(read(params, 'params'));
}

interface Incoming {
  readonly id: number | null;
  readonly method: string;
  readonly params: unknown;
}

/**
 * Serves one peer. Requests are answered one after the other, and the next is not begun before the last answer has left,
 * so that a peer that asks without reading costs one answer and no more; only a few long ones run beside that. What is not
 * a request ends this connection only.
 */
export function serveConnection(socket: Socket, deps: ConnectionDeps): void {
  const waiting: Incoming[] = [];
  let working = false;
  let long = 0;
  let welcomed = false;
  let unsubscribe: (() => void) | null = null;
  let dropped = 0;

  const send = (answer: Answer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  };

  const refuse = (reason: string): void => {
    send({
      jsonrpc: '2.0',
      id: null,
      error: toWire(new RampartError('bad-input', reason, 'Speak JSON-RPC 2.0, one message a line.')),
    });
    socket.destroySoon();
  };

  const onEvent = (event: RampartEvent): void => {
    if (socket.writableLength > MAX_UNREAD_EVENT_BYTES) {
      dropped += 1;
      return;
    }
    if (dropped > 0) {
      send({
        jsonrpc: '2.0',
        method: 'event',
        params: { type: 'dropped', atMs: event.atMs, sink: 'socket', count: dropped },
      });
      dropped = 0;
    }
    send({ jsonrpc: '2.0', method: 'event', params: event });
  };

  const perform = async ({ method, params }: Incoming): Promise<unknown> => {
    if (method === 'hello') {
      checkHello(params, deps.welcome.version);
      if (!welcomed) deps.onWelcomed();
      welcomed = true;
      return deps.welcome;
    }
    if (!welcomed) throw new RampartError('bad-input', `'${method}' came before 'hello'`, "Send 'hello' first.");
    if (method === 'handover') return deps.onHandover();
    if (method === 'subscribe') {
      unsubscribe ??= await deps.rampart.subscribe(onEvent);
      return null;
    }
    if (method === 'unsubscribe') {
      unsubscribe?.();
      unsubscribe = null;
      return null;
    }
    const question = QUESTIONS.find((name) => name === method);
    if (question !== undefined) return answerTo(deps.rampart, question, params);
    throw new RampartError(
      'bad-input',
      `there is no method '${method.slice(0, 50)}'`,
      `There are: ${QUESTIONS.join(', ')}.`,
    );
  };

  const answer = async (incoming: Incoming): Promise<void> => {
    let text: string;
    try {
      const result = (await perform(incoming)) ?? null;
      text = JSON.stringify({ jsonrpc: '2.0', id: incoming.id, result });
      if (text.length > MAX_ANSWER_BYTES / 2 && Buffer.byteLength(text) >= MAX_ANSWER_BYTES) throw tooLarge();
    } catch (error) {
      text = JSON.stringify({ jsonrpc: '2.0', id: incoming.id, error: toWire(error) });
    }
    if (!socket.writable) return;
    if (!socket.write(`${text}\n`)) await drained(socket);
    if (!welcomed) socket.destroySoon();
  };

  const work = async (): Promise<void> => {
    working = true;
    for (let next = waiting.shift(); next !== undefined && !socket.destroyed; next = waiting.shift()) {
      if (LONG.has(next.method) && long < MAX_LONG) {
        long += 1;
        void answer(next).finally(() => (long -= 1));
      } else await answer(next);
      if (waiting.length < MAX_WAITING) socket.resume();
    }
    working = false;
  };

  const push = createLineSplitter(MAX_REQUEST_BYTES, (line) => {
    if (!socket.writable || socket.destroyed) return;
    const incoming = parse(line);
    if (incoming === null) {
      refuse('this is not a request');
      return;
    }
    waiting.push(incoming);
    if (waiting.length >= MAX_WAITING) socket.pause();
    if (!working) void work();
  });

  const helloTimer = setTimeout(() => {
    if (!welcomed) socket.destroy();
  }, HELLO_TIMEOUT_MS);

  socket.on('data', (chunk: Buffer) => {
    if (!push(chunk)) refuse(`a request is longer than ${MAX_REQUEST_BYTES} bytes`);
  });
  // A peer that was killed resets the connection; 'close' follows and cleans up.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(helloTimer);
    waiting.length = 0;
    unsubscribe?.();
    unsubscribe = null;
  });
}

function parse(line: string): Incoming | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return null;
    const { id, method, params } = value as Record<string, unknown>;
    if (typeof method !== 'string') return null;
    return { id: typeof id === 'number' ? id : null, method, params };
  } catch {
    return null;
  }
}

function checkHello(params: unknown, ownVersion: string): void {
  const { protocol, oldestProtocol, version } = (params ?? {}) as Record<string, unknown>;
  if (typeof protocol !== 'number' || typeof oldestProtocol !== 'number') {
    throw new RampartError('bad-input', "'hello' names no protocol", 'Send protocol and oldestProtocol as numbers.');
  }
  if (protocolsMeet({ protocol, oldestProtocol }, { protocol: PROTOCOL, oldestProtocol: OLDEST_PROTOCOL })) return;
  throw new RampartError(
    'version-mismatch',
    `the service is Rampart ${ownVersion} (protocol ${PROTOCOL}), the client ${String(version).slice(0, 40)} (protocol ${protocol})`,
    'Update the older of the two, or end the service; the next call starts one that fits.',
  );
}

const tooLarge = (): RampartError =>
  new RampartError('unsupported', 'the answer is larger than 16 MiB', 'Ask for less: a filter, a smaller limit.');

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), DRAIN_TIMEOUT_MS);
    const done = (): void => {
      clearTimeout(timer);
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
}
