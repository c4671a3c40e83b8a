import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { RampartError } from '../../model/index.ts';
import { refuse, refuseForeign } from './guard.ts';
import type { Access, Refusal } from './guard.ts';
import { peerPid } from './peer.ts';

/** The process that asks, found on demand: looking for it reads the descriptors of every process of this user. */
export interface Peer {
  pid(): Promise<number | null>;
}

/** One path of the endpoint; other folders hand these in. */
export interface Route extends Access {
  readonly path: string;
  handle(request: IncomingMessage, response: ServerResponse, peer: Peer): Promise<void>;
  /** Ends open streams; called once, before the listener closes. */
  close?(): Promise<void>;
}

export interface HttpFaceOptions {
  /** 0: any free port. */
  readonly port: number;
  /** From `openToken`. */
  readonly token: string;
  readonly routes: readonly Route[];
  readonly onerror?: (error: unknown) => void;
}

export interface HttpFace {
  /** Throws 'io' when the port is taken. */
  start(): Promise<{ readonly port: number; readonly url: string }>;
  /** Ends every connection, streams included. */
  stop(): Promise<void>;
}

/** Only this machine: for others there would have to be TLS, and the token would travel. */
const HOST = '127.0.0.1';

/** Slow senders are cut off; an answer may stream as long as it likes. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 5_000;
/** A stream and a request for each of a hundred sessions. */
const MAX_CONNECTIONS = 256;

const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Says that something of ours listens, and nothing else: it needs no token, so it gives no figure away. */
const health: Route = {
  path: '/health',
  methods: ['GET', 'HEAD'],
  access: 'open',
  async handle(_request, response) {
    sendJson(response, 200, { status: 'ok' });
  },
};

/** The HTTP endpoint: one guard in front of every route. */
export function createHttpFace(options: HttpFaceOptions): HttpFace {
  const routes = new Map([health, ...options.routes].map((route) => [route.path, route]));
  let port = options.port;
  const pids = new WeakMap<Socket, Promise<number | null>>();
  const pidOf = (socket: Socket): Promise<number | null> => {
    const known = pids.get(socket) ?? peerPid(socket);
    pids.set(socket, known);
    return known;
  };

  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      answer(request, response).catch((cause: unknown) => {
        options.onerror?.(cause);
        if (response.headersSent) response.destroy();
        else deny(response, { status: 500, code: 'internal', message: 'this request failed; the log says why' });
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const foreign = refuseForeign(request, port);
    if (foreign !== null) return deny(response, foreign);
    const route = routes.get(request.url?.split('?')[0] ?? '');
    if (route === undefined) return deny(response, { status: 404, code: 'not-found', message: 'no such path' });
    const refusal = refuse(request, route, options.token);
    if (refusal !== null) return deny(response, refusal);
    await route.handle(request, response, { pid: () => pidOf(request.socket) });
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', (cause) => reject(cannotListen(options.port, cause)));
        server.listen(options.port, HOST, () => {
          port = (server.address() as AddressInfo).port;
          server.on('error', (cause) => options.onerror?.(cause));
          resolve({ port, url: `http://${HOST}:${port}` });
        });
      }),
    async stop() {
      await Promise.all(options.routes.map((route) => route.close?.() ?? Promise.resolve()));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function cannotListen(port: number, cause: Error): RampartError {
  return new RampartError(
    'io',
    `cannot listen on ${HOST}:${port}: ${cause.message}`,
    'Another program has this port: set http.port to a free one.',
    cause,
  );
}

function deny(response: ServerResponse, { status, code, message, headers = {} }: Refusal): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, { error: { code, message } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
