import { deserializeMessage } from '@modelcontextprotocol/server';
import type { JSONRPCMessage, McpServer, Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Caller, Rampart } from '../../model/index.ts';
import { STATUS_URI } from './identity.ts';
import { createMcpServer } from './server.ts';
import { createStatusFeed } from './status-feed.ts';

export interface McpStdioDeps {
  readonly rampart: () => Promise<Rampart>;
  readonly caller: Caller;
}

/** Where messages go out. */
export interface Wire {
  send(message: JSONRPCMessage): Promise<void>;
}

/**
 * The protocol library on a line of messages, in whichever era the client opens. It answers `subscriptions/listen`
 * (2026-07-28) itself and tells the server nothing of it; so the lines that come in are looked at for the listen requests
 * that wait for the status, and the watch runs only while there is one.
 */
export function openLibrary(deps: McpStdioDeps, wire: Wire): { receive(line: string): void; close(): Promise<void> } {
  const feed = createStatusFeed({ rampart: deps.rampart });
  const listening = new Set<string | number>();
  let current: McpServer | null = null;
  let stopFeed: (() => void) | null = null;
  const follow = () => {
    if (listening.size > 0) {
      stopFeed ??= feed.listen(() => void current?.server.sendResourceUpdated({ uri: STATUS_URI }).catch(() => {}));
    } else {
      stopFeed?.();
      stopFeed = null;
    }
  };
  const transport: Transport = { start: async () => {}, send: (message) => wire.send(message), close: async () => {} };
  const handle = serveStdio(() => (current = createMcpServer({ ...deps, feed })), { transport });

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

/** Adds a listen request that waits for the status, and takes away one that was cancelled. */
function noteListen(message: JSONRPCMessage, listening: Set<string | number>): void {
  if (!('method' in message)) return;
  if (message.method === 'subscriptions/listen' && 'id' in message) {
    const filter = message.params?.['notifications'] as { resourceSubscriptions?: unknown } | undefined;
    const uris = filter?.resourceSubscriptions;
    if (Array.isArray(uris) && uris.includes(STATUS_URI)) listening.add(message.id);
  } else if (message.method === 'notifications/cancelled') {
    const id = message.params?.['requestId'];
    if (typeof id === 'string' || typeof id === 'number') listening.delete(id);
  }
}
