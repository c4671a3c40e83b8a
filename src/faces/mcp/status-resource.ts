import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { McpServer } from '@modelcontextprotocol/server';
import type { Rampart } from '../../model/index.ts';
import { STATUS_RESOURCE, STATUS_URI } from './identity.ts';
import { explain } from './result.ts';
import type { StatusFeed } from './status-feed.ts';

/**
 * `memory://status`: what `memory_status()` answers, as a resource that can be subscribed to. Clients of 2025-11-25 and
 * older call `resources/subscribe`, handled here; those of 2026-07-28 open `subscriptions/listen`, which the transport's
 * side handles (`stdio.ts`, `http-handler.ts`).
 */
export function registerStatusResource(mcp: McpServer, rampart: () => Promise<Rampart>, feed: StatusFeed): void {
  mcp.registerResource(
    STATUS_RESOURCE.name,
    STATUS_URI,
    { title: STATUS_RESOURCE.title, description: STATUS_RESOURCE.description, mimeType: STATUS_RESOURCE.mimeType },
    async () => {
      try {
        const { hostDetail } = await import('../../../tools/rows.ts');
        const status = hostDetail(await (await rampart()).status(), 'concise');
        return { contents: [{ uri: STATUS_URI, mimeType: STATUS_RESOURCE.mimeType, text: JSON.stringify(status) }] };
      } catch (cause) {
        const { code, message, hint } = explain(cause);
        throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message}. ${hint}`);
      }
    },
  );

  let stop: (() => void) | null = null;
  const unsubscribe = () => {
    stop?.();
    stop = null;
  };
  mcp.server.setRequestHandler('resources/subscribe', ({ params }) => {
    // A URI that never changes may be subscribed to; nothing will ever be sent for it.
    if (params.uri === STATUS_URI) {
      stop ??= feed.listen(() => {
        mcp.server.sendResourceUpdated({ uri: STATUS_URI }).catch(unsubscribe);
      });
    }
    return {};
  });
  mcp.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    if (params.uri === STATUS_URI) unsubscribe();
    return {};
  });
  const onclose = mcp.server.onclose;
  mcp.server.onclose = () => {
    unsubscribe();
    onclose?.();
  };
}
