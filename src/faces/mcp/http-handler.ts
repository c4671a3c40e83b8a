import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  InMemoryServerEventBus,
  WebStandardStreamableHTTPServerTransport,
  createMcpHandler,
  isLegacyRequest,
} from '@modelcontextprotocol/server';
import type { McpServer, ServerContext, ServerEventBus } from '@modelcontextprotocol/server';
import type { Caller } from '../../model/index.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { RESOURCES, type ResourceUri } from './identity.ts';
import { listenedUris } from './listen.ts';
import { createMcpServer } from './server.ts';
import type { McpServerDeps } from './server.ts';

export interface McpHttpDeps extends Pick<McpServerDeps, 'rampart' | 'nowMs' | 'requestState'> {
  /** Adds to every server made; `bus` reaches the open `subscriptions/listen` streams. */
  readonly extend?: (server: McpServer, bus: ServerEventBus) => void;
  readonly onerror?: (error: Error) => void;
  /** After this time without a request or an open stream a session of the older era ends; 30 minutes by default. */
  readonly sessionIdleMs?: number;
}

export interface HttpHandler {
  handle(request: IncomingMessage, response: ServerResponse, caller: () => Promise<Caller>): Promise<void>;
  close(): Promise<void>;
}

/** Our questions are a few hundred bytes long; a megabyte is nobody's question. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Sessions of 2025-11-25 and older clients: one each for a hundred agents. The longest unused one makes room. */
const MAX_SESSIONS = 128;
/** A client that died says nothing; its subscription would be served for ever. One that lives opens a new session. */
const SESSION_IDLE_MS = 30 * 60_000;
const MAX_LISTEN_STREAMS = 128;

interface LegacySession {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  lastUsedMs: number;
  openStreams: number;
}

/**
 * MCP over HTTP in both eras from the one factory. 2026-07-28 is stateless: a server for each request. Older clients get
 * a session each, because subscriptions and server-to-client requests need one.
 */
export function createMcpHttpHandler(deps: McpHttpDeps): HttpHandler {
  const feeds = createFeeds(deps.rampart);
  const listening = new AsyncLocalStorage<readonly ResourceUri[]>();
  const bus = busWithFeeds(feeds, () => listening.getStore());
  const callers = new WeakMap<Request, () => Promise<Caller>>();
  const sessions = new Map<string, LegacySession>();

  const callerOf = (context: ServerContext): Promise<Caller> => {
    const known = context.http?.req === undefined ? undefined : callers.get(context.http.req);
    return known?.() ?? Promise.resolve({ face: 'http', pid: null, sessionId: null, clientName: null });
  };
  const newServer = () => {
    const { extend, onerror: _, sessionIdleMs: __, ...shared } = deps;
    return createMcpServer({
      ...shared,
      feeds,
      caller: callerOf,
      ...(extend === undefined ? {} : { extend: (server) => extend(server, bus) }),
    });
  };
  const modern = createMcpHandler(newServer, {
    legacy: 'reject',
    bus,
    maxSubscriptions: MAX_LISTEN_STREAMS,
    maxRequestBodySize: MAX_BODY_BYTES,
    ...(deps.onerror === undefined ? {} : { onerror: deps.onerror }),
  });

  async function serveLegacy(request: Request): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) return openSession(request);
    const session = sessions.get(id);
    if (session === undefined)
      return jsonRpcError(404, 'Session not found: it ended or was pushed out; initialize again');
    session.lastUsedMs = performance.now();
    if (request.method === 'GET') followStream(session, request.signal);
    return session.transport.handleRequest(request);
  }

  /** Only `initialize` opens a session; the transport refuses everything else, and what it refused is dropped again. */
  async function openSession(request: Request): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: MAX_BODY_BYTES,
      onsessioninitialized: (id) => void sessions.set(id, { transport, lastUsedMs: performance.now(), openStreams: 0 }),
    });
    const server = newServer();
    await server.connect(transport);
    const onclose = transport.onclose;
    transport.onclose = () => {
      if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
      onclose?.();
    };
    const response = await transport.handleRequest(request);
    if (transport.sessionId === undefined) await server.close();
    else await makeRoom();
    return response;
  }

  const sessionIdleMs = deps.sessionIdleMs ?? SESSION_IDLE_MS;
  const sweep = setInterval(() => {
    const oldestMs = performance.now() - sessionIdleMs;
    for (const { transport, lastUsedMs, openStreams } of sessions.values()) {
      if (openStreams === 0 && lastUsedMs < oldestMs) transport.close().catch(() => {});
    }
  }, sessionIdleMs / 4);
  sweep.unref();

  async function makeRoom(): Promise<void> {
    while (sessions.size > MAX_SESSIONS) {
      const [oldest] = [...sessions.values()].sort((a, b) => a.lastUsedMs - b.lastUsedMs);
      await oldest?.transport.close();
    }
  }

  return {
    async handle(request, response, caller) {
      const serve = toNodeHandler(
        {
          async fetch(webRequest) {
            callers.set(webRequest, caller);
            const legacy = await isLegacyRequest(webRequest, undefined, { maxRequestBodySize: MAX_BODY_BYTES });
            if (legacy) return serveLegacy(webRequest);
            return listening.run(await urisOf(webRequest), () => modern.fetch(webRequest));
          },
        },
        { maxRequestBodySize: MAX_BODY_BYTES, ...(deps.onerror === undefined ? {} : { onerror: deps.onerror }) },
      );
      // The adapter's structural type leaves out the `undefined` that node:http's own type allows.
      await serve(request as Parameters<typeof serve>[0], response);
    },
    async close() {
      clearInterval(sweep);
      await modern.close();
      await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
    },
  };
}

function followStream(session: LegacySession, closed: AbortSignal): void {
  session.openStreams += 1;
  closed.addEventListener(
    'abort',
    () => {
      session.openStreams -= 1;
      session.lastUsedMs = performance.now();
    },
    { once: true },
  );
}

/** What a listen stream waits for; empty for every other request. The header is there by the specification (SEP-2243). */
async function urisOf(request: Request): Promise<readonly ResourceUri[]> {
  if (request.headers.get('mcp-method') !== 'subscriptions/listen') return [];
  try {
    const { params } = (await request.clone().json()) as { params?: Readonly<Record<string, unknown>> };
    return listenedUris(params);
  } catch {
    // Not JSON: the library refuses it.
    return [];
  }
}

/** A listen stream of the modern era also hears of changes of the resources that it waits for, and only those are watched. */
function busWithFeeds(feeds: Feeds, wanted: () => readonly ResourceUri[] | undefined): ServerEventBus {
  const bus = new InMemoryServerEventBus();
  return {
    publish: (event) => bus.publish(event),
    subscribe(listener) {
      const uris = wanted() ?? RESOURCES.map(({ uri }) => uri);
      const stops = [
        bus.subscribe(listener),
        ...uris.map((uri) => feeds[uri].listen(() => listener({ kind: 'resource_updated', uri }))),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

function jsonRpcError(status: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code: -32_001, message }, id: null }, { status });
}
