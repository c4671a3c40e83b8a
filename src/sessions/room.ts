import type { Limit, Room, SessionReport } from '../model/index.ts';
import { groupBy } from '../agents/index.ts';
import { median } from './sums.ts';

/**
 * How many more sessions like those that run would fit: (headroom − reserve) ÷ median bill of a session, per client.
 * The median, since one session that leaks must not make all others look impossible. The reserve is passed in: what has
 * to stay free so that new agents do not by themselves bring the host to a critical level. Sessions whose bill is not
 * known do not count; a client without any known bill, or a host without known headroom, is left out.
 */
export function room(sessions: readonly SessionReport[], limit: Limit, reserveBytes: number): Room[] {
  const { headroomBytes } = limit;
  if (headroomBytes === null) return [];
  const rooms: Room[] = [];
  for (const [client, group] of groupBy(sessions, (session) => session.client)) {
    const bills = group
      .map(({ totalBytes }) => totalBytes)
      .filter((bytes): bytes is number => bytes !== null && bytes > 0);
    const perSessionBytes = median(bills);
    if (perSessionBytes === null) continue;
    rooms.push({
      client,
      perSessionBytes,
      basedOnSessions: bills.length,
      more: Math.max(0, Math.floor((headroomBytes - reserveBytes) / perSessionBytes)),
      reserveBytes,
    });
  }
  return rooms;
}
