import type { IncomingMessage } from 'node:http';
import { isAuthorized } from './token.ts';

/** What a path answers to, and who may ask. Handed in by the composition root. */
export interface Access {
  readonly methods: readonly string[];
  /** 'open' is for what gives no figures away. */
  readonly access: 'token' | 'open';
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Our questions are short; the protocol's own reader stops chunked bodies at the same size. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Whether a request came to us under our own name. A page on evil.example whose name resolves to 127.0.0.1 (DNS
 * rebinding) sends its own name in Host, and any page in a browser sends its Origin; both must be exactly ours, on every
 * method, streams included. Programs send no Origin.
 */
export function refuseForeign(request: IncomingMessage, port: number): Refusal | null {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const host = request.headers.host?.toLowerCase();
  if (hosts.length !== 1 || host === undefined || !names.includes(host)) {
    return { status: 403, code: 'not-permitted', message: `this endpoint answers to ${names.join(' and ')} only` };
  }
  const origin = request.headers.origin?.toLowerCase();
  if (origin !== undefined && !names.some((name) => origin === `http://${name}`)) {
    return { status: 403, code: 'not-permitted', message: 'requests from other origins are refused' };
  }
  return null;
}

/** Method, token, content type and declared size; null when the request may go on. */
export function refuse(request: IncomingMessage, route: Access, token: string): Refusal | null {
  if (!route.methods.includes(request.method ?? '')) {
    const allow = route.methods.join(', ');
    return { status: 405, code: 'bad-input', message: `only ${allow}`, headers: { Allow: allow } };
  }
  if (route.access === 'token' && !isAuthorized(request.headers.authorization, token)) {
    return {
      status: 401,
      code: 'not-permitted',
      message: 'send the token as "Authorization: Bearer …"; `rampart client-config CLIENT --http` prints the entry',
      headers: { 'WWW-Authenticate': 'Bearer realm="rampart"' },
    };
  }
  if (request.method !== 'POST') return null;
  // A form or a plain-text post is what a page can send without asking first.
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { status: 415, code: 'bad-input', message: 'send application/json' };
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    return {
      status: 413,
      code: 'bad-input',
      message: `at most ${MAX_BODY_BYTES} bytes`,
      headers: { Connection: 'close' },
    };
  }
  return null;
}
