import type { RegistryClaim } from '../model/index.ts';
import { groupBy } from './group-by.ts';
import type { ProcessRow } from './row.ts';

/**
 * A file that has no start time counts when its process started before it was written. Start times in ms come from boot
 * time plus clock ticks (10 ms) and boot time itself is only known to about a second, so this much is forgiven.
 */
const START_SLACK_MS = 2_000;

/** Whether a claim is about this very process, and not about an earlier one with the same pid. */
export function isAbout(claim: RegistryClaim, { sample, facts }: ProcessRow): boolean {
  if (claim.pid !== sample.pid) return false;
  if (claim.startTime !== null) return claim.startTime === sample.startTime;
  return facts.startedAtMs !== null && facts.startedAtMs <= claim.claimedAtMs + START_SLACK_MS;
}

export type ClaimsByPid = ReadonlyMap<number, readonly RegistryClaim[]>;

export function indexClaims(claims: readonly RegistryClaim[]): ClaimsByPid {
  return groupBy(claims, ({ pid }) => pid);
}

/** What a client wrote with a start time outranks pid files, and both outrank what agents write about themselves. */
function rank(claim: RegistryClaim): number {
  if (claim.kind === 'memory-bank') return 2;
  return claim.startTime === null ? 1 : 0;
}

/** Valid claims about a process, the surest first, then the newest. */
export function claimsAbout(row: ProcessRow, byPid: ClaimsByPid): readonly RegistryClaim[] {
  const list = byPid.get(row.sample.pid);
  if (list === undefined) return [];
  return list
    .filter((claim) => isAbout(claim, row))
    .toSorted((a, b) => rank(a) - rank(b) || b.claimedAtMs - a.claimedAtMs);
}
