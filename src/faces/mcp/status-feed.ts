import type { Rampart, SessionReport, StatusReport } from '../../model/index.ts';
import { createFeed, type Feed, type FeedOptions } from './feed.ts';

/** A session that grew or shrank by a quarter, and by what a small agent weighs at all, is news; less is breathing. */
const NEWS_RATIO = 1.25;
const NEWS_BYTES = 64 * 1024 * 1024;

/** News of `memory://status`: a severity, sessions that come and go, and sizes, which cost the PSS of every session tree. */
export function createStatusFeed(options: FeedOptions): Feed {
  return createFeed<Known>(
    {
      hears: ({ type }) => type === 'severity' || type === 'session:started' || type === 'session:ended',
      look: async (rampart: Rampart) => remember(await rampart.status()),
      differs: isNews,
    },
    options,
  );
}

interface Known {
  readonly severity: StatusReport['severity'];
  readonly sessions: ReadonlyMap<string, Pick<SessionReport, 'verdict' | 'totalBytes'>>;
}

function remember(report: StatusReport): Known {
  return {
    severity: report.severity,
    sessions: new Map(
      report.sessions.map(({ sessionId, verdict, totalBytes }) => [sessionId, { verdict, totalBytes }]),
    ),
  };
}

/** Pure: whether `now` differs from `then` enough to tell. Busy and idle come and go and are no news. */
function isNews(then: Known, now: Known): boolean {
  if (then.severity !== now.severity || then.sessions.size !== now.sessions.size) return true;
  for (const [id, session] of now.sessions) {
    const before = then.sessions.get(id);
    if (before === undefined || calm(before.verdict) !== calm(session.verdict)) return true;
    const [from, to] = [before.totalBytes, session.totalBytes];
    if (from === null || to === null) continue;
    if (Math.abs(to - from) >= NEWS_BYTES && Math.max(to, from) >= NEWS_RATIO * Math.min(to, from)) return true;
  }
  return false;
}

function calm(verdict: SessionReport['verdict']): string {
  return verdict === 'busy' || verdict === 'idle' || verdict === 'unknown' ? 'well' : verdict;
}
