import { deserializeMessage } from '@modelcontextprotocol/server';
import type { JSONRPCMessage, McpServer, Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Caller, Rampart } from '../../model/index.ts';
import { createFeeds } from './feeds.ts';
import { RESOURCES, type ResourceUri } from './identity.ts';
import { listenedUris } from './listen.ts';
import { createMcpServer } from './server.ts';

export interface McpStdioDeps {
  readonly rampart: () => Promise<Rampart>;
  readonly caller: Caller;
}

/** Where messages go out. */
export interface Wire {
  send(message: JSONRPCMessage): Promise<void>;
}

/** Listen requests that are open, and what each waits for. */
type Listening = Map<string | number, readonly ResourceUri[]>;

/**
 * The protocol library on a line of messages, in whichever era the client opens. It answers `subscriptions/listen`
 * (2026-07-28) itself and tells the server nothing of it; so the lines that come in are looked at for the listen requests
 * that wait for a resource, and a watch runs only while there is one.
 */
export function openLibrary(deps: McpStdioDeps, wire: Wire): { receive(line: string): void; close(): Promise<void> } {
  const feeds = createFeeds(deps.rampart);
  const listening: Listening = new Map();
  const stops = new Map<ResourceUri, () => void>();
  let current: McpServer | null = null;
  const follow = () => {
    const wanted = new Set([...listening.values()].flat());
    for (const { uri } of RESOURCES) {
      const stop = stops.get(uri);
      if (wanted.has(uri) && stop === undefined) {
        const tell = () => void current?.server.sendResourceUpdated({ uri }).catch(() => {});
        stops.set(uri, feeds[uri].listen(tell));
      } else if (!wanted.has(uri)) {
        stop?.();
        stops.delete(uri);
      }
    }
  };
  const transport: Transport = { start: async () => {}, send: (message) => wire.send(message), close: async () => {} };
  const handle = serveStdio(() => (current = createMcpServer({ ...deps, feeds })), { transport });

  return {
    receive(line) {
      let message: JSONRPCMessage;
      try {
        message = deserializeMessage(line);
      } catch {
        // No JSON-RPC: there is no id to answer to.
        return;
      }
      noteListen(message, listening);
      follow();
      transport.onmessage?.(message);
    },
    async close() {
      listening.clear();
      follow();
      await handle.close();
    },
  };
}

/** Adds a listen request that waits for a resource of ours, and takes away one that was cancelled. */
function noteListen(message: JSONRPCMessage, listening: Listening): void {
  if (!('method' in message)) return;
  if (message.method === 'subscriptions/listen' && 'id' in message) {
    const uris = listenedUris(message.params);
    if (uris.length > 0) listening.set(message.id, uris);
  } else if (message.method === 'notifications/cancelled') {
    const id = message.params?.['requestId'];
    if (typeof id === 'string' || typeof id === 'number') listening.delete(id);
  }
}
