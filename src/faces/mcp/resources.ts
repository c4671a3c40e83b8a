import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { McpServer } from '@modelcontextprotocol/server';
import type { Rampart } from '../../model/index.ts';
import type { Feeds } from './feeds.ts';
import { ALERTS_URI, isResourceUri, POST_MORTEM_URI, RESOURCES, type ResourceUri, STATUS_URI } from './identity.ts';
import { explain } from './result.ts';

/** What each resource holds, as plain data. The code that makes it comes with the first read. */
const READ: Readonly<Record<ResourceUri, (rampart: Rampart) => Promise<object>>> = {
  [STATUS_URI]: async (rampart) => {
    const { hostDetail } = await import('../../../tools/rows.ts');
    return hostDetail(await rampart.status(), 'concise');
  },
  [ALERTS_URI]: async (rampart) => {
    const { alertsData } = await import('../../../tools/list_alerts.ts');
    return alertsData(await rampart.listAlerts({ state: 'active' }));
  },
  [POST_MORTEM_URI]: async (rampart) => {
    const { deathsView, LATEST_DEATHS } = await import('./deaths-view.ts');
    return deathsView(await rampart.postMortem({ limit: LATEST_DEATHS }));
  },
};

/**
 * The resources, which can be subscribed to. Clients of 2025-11-25 and older call `resources/subscribe`, handled here;
 * those of 2026-07-28 open `subscriptions/listen`, which the transport's side handles (`stdio.ts`, `http-handler.ts`).
 */
export function registerResources(mcp: McpServer, rampart: () => Promise<Rampart>, feeds: Feeds): void {
  for (const { uri, name, title, description, mimeType } of RESOURCES) {
    mcp.registerResource(name, uri, { title, description, mimeType }, async () => {
      try {
        return { contents: [{ uri, mimeType, text: JSON.stringify(await READ[uri](await rampart())) }] };
      } catch (cause) {
        const { code, message, hint } = explain(cause);
        throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message}. ${hint}`);
      }
    });
  }

  const stops = new Map<ResourceUri, () => void>();
  const unsubscribe = (uri: ResourceUri) => {
    stops.get(uri)?.();
    stops.delete(uri);
  };
  mcp.server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
    // A URI that never changes may be subscribed to; nothing will ever be sent for it.
    if (isResourceUri(uri) && !stops.has(uri)) {
      const tell = () => void mcp.server.sendResourceUpdated({ uri }).catch(() => unsubscribe(uri));
      stops.set(uri, feeds[uri].listen(tell));
    }
    return {};
  });
  mcp.server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    if (isResourceUri(uri)) unsubscribe(uri);
    return {};
  });
  const onclose = mcp.server.onclose;
  mcp.server.onclose = () => {
    for (const uri of stops.keys()) unsubscribe(uri);
    onclose?.();
  };
}
