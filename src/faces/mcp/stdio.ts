import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { JSONRPCMessage, McpServer, MessageExtraInfo, Transport } from '@modelcontextprotocol/server';
import type { Caller, Rampart } from '../../model/index.ts';
import { createMcpServer } from './server.ts';
import { createStatusFeed } from './status-feed.ts';
import { STATUS_URI } from './status-resource.ts';

export interface McpStdioDeps {
  readonly rampart: () => Promise<Rampart>;
  readonly caller: Caller;
  /** Protocol trouble worth a line on stderr; it never ends the server. */
  readonly onerror?: (error: Error) => void;
}

/** Serves MCP on this process's stdin and stdout, in whichever era the client opens; returns how to end it. */
export function serveMcpStdio(deps: McpStdioDeps): { close(): Promise<void> } {
  const feed = createStatusFeed({ rampart: deps.rampart });
  let current: McpServer | null = null;
  let stopFeed: (() => void) | null = null;
  const wire = new ListenTap(new StdioServerTransport(), (wanted) => {
    stopFeed?.();
    stopFeed = wanted
      ? feed.listen(() => void current?.server.sendResourceUpdated({ uri: STATUS_URI }).catch(() => {}))
      : null;
  });
  const handle = serveStdio(() => (current = createMcpServer({ ...deps, feed })), {
    transport: wire,
    ...(deps.onerror === undefined ? {} : { onerror: deps.onerror }),
  });
  return {
    async close() {
      stopFeed?.();
      await handle.close();
    },
  };
}

/**
 * The SDK answers `subscriptions/listen` (2026-07-28) itself and tells the server nothing of it. This passes every
 * message through and notes which listen requests wait for the status, so that the watch runs only while one does.
 */
class ListenTap implements Transport {
  readonly #inner: Transport;
  readonly #open = new Set<string | number>();
  readonly #onWanted: (wanted: boolean) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];

  constructor(inner: Transport, onWanted: (wanted: boolean) => void) {
    this.#inner = inner;
    this.#onWanted = onWanted;
    inner.onclose = () => {
      this.#change(() => this.#open.clear());
      this.onclose?.();
    };
    inner.onerror = (error) => this.onerror?.(error);
    inner.onmessage = (message: JSONRPCMessage, extra?: MessageExtraInfo) => {
      this.#note(message);
      this.onmessage?.(message, extra);
    };
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  send(...args: Parameters<Transport['send']>): Promise<void> {
    return this.#inner.send(...args);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #note(message: JSONRPCMessage): void {
    if (!('method' in message)) return;
    if (message.method === 'subscriptions/listen' && 'id' in message) {
      const filter = message.params?.['notifications'] as { resourceSubscriptions?: unknown } | undefined;
      const uris = filter?.resourceSubscriptions;
      if (Array.isArray(uris) && uris.includes(STATUS_URI)) this.#change(() => this.#open.add(message.id));
    } else if (message.method === 'notifications/cancelled') {
      const id = message.params?.['requestId'];
      if (typeof id === 'string' || typeof id === 'number') this.#change(() => this.#open.delete(id));
    }
  }

  #change(edit: () => void): void {
    const before = this.#open.size > 0;
    edit();
    const after = this.#open.size > 0;
    if (before !== after) this.#onWanted(after);
  }
}
