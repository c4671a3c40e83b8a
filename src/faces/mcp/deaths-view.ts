import type { Death, DeathReport } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';

/** A name needs less than a command line does. */
const NAME_LENGTH = 80;
/** Enough to see which way it went; the whole curve is for people (`rampart post-mortem ID`). */
const CURVE_POINTS = 8;
const EVIDENCE = 4;
const RESUME_LENGTH = 400;
/** A death is about 200 tokens here. */
export const LATEST_DEATHS = 10;

/** What `memory://post-mortem` holds: our own words and figures; what others wrote only below `untrusted`. */
export function deathsView({ atMs, summary, deaths, more }: DeathReport): object {
  return { atMs, summary: sanitise(summary), deaths: deaths.map(row), more };
}

function row(death: Death): object {
  const { id, role, client, killer, confidence, alternatives, exitCode, signal, ordinary, lastLeak } = death;
  return {
    id,
    process: death.process.id,
    role,
    client,
    sessionId: death.sessionId === null ? null : sanitise(death.sessionId),
    diedAfterMs: death.diedAfterMs,
    diedBeforeMs: death.diedBeforeMs,
    killer,
    confidence,
    alternatives,
    exitCode,
    signal,
    ordinary,
    summary: sanitise(death.summary),
    evidence: death.evidence.slice(0, EVIDENCE).map(({ kind, detail }) => ({ kind, detail: sanitise(detail) })),
    companions: death.companions.length,
    peakRssBytes: death.peakRssBytes,
    rssBytes: thinned(death.curve.map(({ rssBytes }) => rssBytes)),
    lastLeak: lastLeak === null ? null : { verdict: lastLeak.verdict, score: lastLeak.score },
    hostAvailableBytes: death.hostAvailableBytes,
    resumeReason: sanitise(death.resumeReason, 300),
    unknown: death.unknown,
    // The command names a directory that others chose.
    untrusted: {
      name: sanitise(death.name, NAME_LENGTH),
      resume: death.resume === null ? null : sanitise(death.resume, RESUME_LENGTH),
    },
  };
}

/** First to last, evenly; the last is always among them. */
function thinned(values: readonly number[]): number[] {
  if (values.length <= CURVE_POINTS) return [...values];
  const step = (values.length - 1) / (CURVE_POINTS - 1);
  return Array.from({ length: CURVE_POINTS }, (_, index) => values[Math.round(index * step)] ?? 0);
}
