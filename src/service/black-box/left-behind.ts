import type { MetricsAnswer, ProcessKey } from '../../model/index.ts';
import type { Body } from './autopsy.ts';
import type { QueryHistory } from './last-curve.ts';
import type { Roster, Watched } from './roster.ts';

/** More than these died unseen: the machine went down, or nobody looked for days. */
const MAX_LEFT_BEHIND = 50;

/** Who was watched when the service before ended, and is gone now. Nobody saw how, so little is known. */
export async function leftBehind(
  roster: Roster,
  isAlive: (key: ProcessKey) => boolean,
  bootId: string | null,
  nowMs: number,
  query: QueryHistory,
): Promise<readonly Body[]> {
  const rebooted = roster.bootId !== null && bootId !== null && roster.bootId !== bootId;
  const gone = roster.watched.filter(({ key }) => rebooted || !isAlive(key)).slice(0, MAX_LEFT_BEHIND);
  const bodies: Body[] = [];
  for (const watched of gone) {
    const agentLives = watched.agent !== null && !rebooted && isAlive(watched.agent);
    // A server whose agent is gone too is part of that agent's end.
    if (watched.role === 'server' && !agentLives) continue;
    const last = await query(newest(watched, nowMs));
    bodies.push(body(watched, Math.max(roster.atMs, last.heldToMs ?? 0), nowMs, { rebooted, agentLives }));
  }
  return bodies;
}

const newest = ({ key }: Watched, nowMs: number): Parameters<QueryHistory>[0] => ({
  subject: key,
  metric: 'rssBytes' satisfies MetricsAnswer['metric'],
  fromMs: nowMs - 1,
  toMs: nowMs,
  maxPoints: 1,
});

function body(
  watched: Watched,
  diedAfterMs: number,
  diedBeforeMs: number,
  { rebooted, agentLives }: Pick<Body, 'rebooted' | 'agentLives'>,
): Body {
  return {
    watched,
    anonBytes: null,
    seenAtMs: diedAfterMs,
    diedAfterMs,
    diedBeforeMs,
    exit: null,
    leak: null,
    heapLimitBytes: null,
    agentIdleMs: null,
    oom: { host: null, cgroup: null, candidates: 1 },
    daemons: null,
    host: null,
    userGone: false,
    agentLives,
    siblings: 0,
    rebooted,
    away: true,
  };
}
