import { isResourceUri, type ResourceUri } from './identity.ts';

/** Resources of ours that a `subscriptions/listen` request (2026-07-28) waits for. */
export function listenedUris(params: Readonly<Record<string, unknown>> | undefined): readonly ResourceUri[] {
  const filter = params?.['notifications'] as { resourceSubscriptions?: unknown } | undefined;
  const uris = filter?.resourceSubscriptions;
  return Array.isArray(uris) ? uris.filter(isResourceUri) : [];
}
