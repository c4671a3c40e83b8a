import { listSummary } from '../../deaths/index.ts';
import { type Death, type DeathQuery, type DeathReport, RampartError } from '../../model/index.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
/** As with fingerprints of alerts: shorter beginnings are met by chance. */
const MIN_ID = 6;

/** The deaths that a question is about, newest first. */
export function findDeaths(
  all: readonly Death[],
  { target, limit = DEFAULT_LIMIT }: DeathQuery,
  atMs: number,
): DeathReport {
  if (limit < 1 || limit > MAX_LIMIT) {
    throw new RampartError('bad-input', `limit is ${limit}`, `Valid: 1 to ${MAX_LIMIT}.`);
  }
  const found = all.filter((death) => target === undefined || isMeant(death, target));
  if (target !== undefined && found.length === 0) {
    throw new RampartError(
      'not-found',
      'no death of that is remembered',
      'Ask without a target for the newest deaths; it may still be alive, or its end was an ordinary one.',
    );
  }
  const deaths = found.toSorted((a, b) => b.diedBeforeMs - a.diedBeforeMs).slice(0, limit);
  return {
    schemaVersion: 1,
    atMs,
    deaths,
    more: found.length - deaths.length,
    summary: listSummary(deaths, found.length, target),
  };
}

function isMeant({ id, process, sessionId, companions }: Death, target: string): boolean {
  if (id === target || (target.length >= MIN_ID && id.startsWith(target))) return true;
  if (process.id === target || String(process.pid) === target || sessionId === target) return true;
  return companions.some((one) => one.id === target || one.id.split(':')[0] === target);
}
