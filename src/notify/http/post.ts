import { lookup as resolveName } from 'node:dns';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { SendFailure } from '../failure.ts';
import type { AddressRules } from './address-rules.ts';

export interface PostAnswer {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** The beginning of the body. */
  readonly text: string;
}

export interface PostOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly rules: AddressRules;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

/** A receiver's explanation; what is longer is a page. */
const MAX_ANSWER_BYTES = 4 * 1024;

/**
 * POST that follows no redirect, keeps no connection, and goes only where the rules allow: the literal in the URL, every
 * address that a name resolves to, and once more the address that the socket is really connected to.
 */
export async function post({ url, headers, body, rules, signal, nowMs }: PostOptions): Promise<PostAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Node asks no `lookup` for a literal.
  if (isIP(host) !== 0) refuse(rules.refusal(host));
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    lookup: guarded(rules),
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(asFailure(cause));
    const call = request(url, options, (response) => {
      read(response).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfterMs: retryAfter(response.headers['retry-after'], nowMs()),
            text,
          }),
        fail,
      );
    });
    call.once('error', fail);
    call.once('socket', (socket: Socket) => {
      const check = (): void => {
        const why = socket.remoteAddress === undefined ? null : rules.refusal(socket.remoteAddress);
        if (why !== null) call.destroy(new SendFailure('unreachable', why));
      };
      if (socket.connecting) socket.once('connect', check);
      else check();
    });
    call.end(body);
  });
}

function refuse(why: string | null): void {
  if (why !== null) throw new SendFailure('unreachable', `${why}, and is not allowed by the configuration`);
}

function guarded(rules: AddressRules): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const why = addresses.map(({ address }) => rules.refusal(address)).find((refusal) => refusal !== null);
      // One bad address among good ones is a rebinding attack or a mistake; both want no request.
      if (why !== undefined) {
        return callback(
          new SendFailure('unreachable', `${hostname}: ${why}, and is not allowed by the configuration`),
          '',
          0,
        );
      }
      const [first] = addresses;
      if (first === undefined) return callback(new Error(`${hostname} has no address`), '', 0);
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // The status has said what counts; nobody feeds us for ever.
    if (bytes > MAX_ANSWER_BYTES) break;
  }
  response.destroy();
  return Buffer.concat(chunks).toString('utf8').slice(0, MAX_ANSWER_BYTES);
}

/** RFC 9110, 10.2.3: seconds or a date. */
function retryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

function asFailure(cause: unknown): SendFailure {
  if (cause instanceof SendFailure) return cause;
  const { code, message, cause: inner } = cause as NodeJS.ErrnoException & { cause?: unknown };
  if (inner instanceof SendFailure) return inner;
  return new SendFailure('unreachable', code === undefined ? message : `${code}: ${message}`, null, cause);
}
