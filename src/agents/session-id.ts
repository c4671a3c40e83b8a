import type { ProcessKey } from '../model/index.ts';

export const SESSION_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id for an agent whose own is not known: stable as long as the process lives, never that of another one. */
export function syntheticSessionId(client: string, key: ProcessKey): string {
  return `${client}:${key}`;
}
