import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../model/index.ts';
import type { HttpHandler, McpHttpDeps } from './http-handler.ts';

/** `/mcp` for the HTTP face. Its shape is the face's `Route`; the two folders never import each other. */
export interface McpRoute {
  readonly path: '/mcp';
  readonly methods: readonly ['GET', 'POST', 'DELETE'];
  readonly access: 'token';
  handle(request: IncomingMessage, response: ServerResponse, peer: { pid(): Promise<number | null> }): Promise<void>;
  close(): Promise<void>;
}

/** The protocol library is loaded by the first request: a service that nobody asks over HTTP does not carry it. */
export function createMcpRoute(deps: McpHttpDeps): McpRoute {
  let handler: Promise<HttpHandler> | null = null;
  return {
    path: '/mcp',
    methods: ['GET', 'POST', 'DELETE'],
    access: 'token',
    async handle(request, response, peer) {
      handler ??= import('./http-handler.ts').then(({ createMcpHttpHandler }) => createMcpHttpHandler(deps));
      const caller = async (): Promise<Caller> => ({
        face: 'http',
        pid: await peer.pid(),
        sessionId: null,
        clientName: null,
      });
      await (await handler).handle(request, response, caller);
    },
    async close() {
      await (await handler)?.close();
    },
  };
}
