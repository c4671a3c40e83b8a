import { atBaseRate } from '../../detectors/index.ts';
import { forecast } from '../../limits/forecast.ts';
import {
  RampartError,
  type LeakForecast,
  type LeakQuery,
  type LeakReport,
  type LeakRow,
  type Limit,
  type LeakFinding,
  type ProcessKey,
  type ProcessReport,
  type StatusReport,
} from '../../model/index.ts';
import type { WatchedLeak } from './watch.ts';
import { allProcesses } from '../answers/reports.ts';
import { sizeText } from '../../wording/index.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** What the detectors say, worst first, joined with what is known of the processes. */
export function leakReport(status: StatusReport, watched: readonly WatchedLeak[], query: LeakQuery): LeakReport {
  const { minScore, limit } = check(query);
  const chosen = chooseTarget(query.target, status);
  const rows = watched.flatMap((one) => {
    const process = chosen.get(one.key);
    return process === undefined ? [] : [leakRow(one, process)];
  });
  // Nobody asked for a score: without a target, too, only what is suspected is told. A list of the innocent helps nobody.
  const suspectsOnly = query.minScore === undefined && query.target === undefined;
  const isTold = (row: LeakRow): boolean =>
    suspectsOnly ? row.verdict === 'leaking' || row.verdict === 'suspected' : (row.score ?? 0) >= minScore;
  const told = rows.filter(isTold).toSorted((a, b) => (b.score ?? -1) - (a.score ?? -1));
  const findings = told.slice(0, limit);
  const tooYoung = rows.filter((row) => row.verdict === 'insufficient-data').length;
  return {
    schemaVersion: 1,
    atMs: status.atMs,
    watched: rows.length,
    tooYoung,
    findings,
    more: told.length - findings.length,
    summary: summary(rows, tooYoung),
  };
}

/** The verdict on one process over a window of the past: the same detectors, fed from history. */
export async function replayedLeak(
  status: StatusReport,
  query: LeakQuery,
  recall: (key: ProcessKey, fromMs: number) => Promise<LeakFinding | null>,
): Promise<LeakReport> {
  const [process, ...others] = [...chooseTarget(query.target ?? '', status).values()];
  if (process === undefined || others.length > 0) {
    throw new RampartError('bad-input', 'a window needs one process as target', 'Ask with target pid:startTime.');
  }
  const fromMs = status.atMs - (query.windowMs ?? 0);
  const finding = await recall(process.id, fromMs);
  if (finding === null) {
    throw new RampartError(
      'not-found',
      `history holds nothing of ${process.id} in this window`,
      'Ask for a longer window, or without one: the live detectors have seen its whole life.',
    );
  }
  const alone = { verdict: finding.verdict, score: finding.score === null ? null : atBaseRate(finding.score) };
  return leakReport(
    status,
    [{ key: process.id, finding, fleet: alone, watchedFromMs: fromMs, confirmAtMs: null }],
    query,
  );
}

function check(query: LeakQuery): { readonly minScore: number; readonly limit: number } {
  const minScore = query.minScore ?? 0;
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!(minScore >= 0 && minScore <= 1)) {
    throw new RampartError('bad-input', `minScore is ${minScore}`, 'Valid: 0 to 1, a probability.');
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RampartError('bad-input', `limit is ${limit}`, `Valid: 1 to ${MAX_LIMIT}.`);
  }
  return { minScore, limit };
}

/** The processes that the question is about, by key. */
function chooseTarget(target: string | undefined, status: StatusReport): ReadonlyMap<string, ProcessReport> {
  const all = allProcesses(status);
  if (target === undefined) return new Map(all.map((process) => [process.id, process]));
  const session = status.sessions.find(({ sessionId }) => sessionId === target);
  const chosen = session?.processes ?? all.filter(({ id }) => id === target);
  if (chosen.length > 0) return new Map(chosen.map((process) => [process.id, process]));
  throw new RampartError(
    'not-found',
    `no live process or session is called '${target.slice(0, 80)}'`,
    'Ask for a session id or a pid:startTime of the status, or leave the target out.',
  );
}

function leakRow({ finding, fleet, watchedFromMs, confirmAtMs }: WatchedLeak, process: ProcessReport): LeakRow {
  return {
    process,
    verdict: fleet.verdict,
    score: fleet.score,
    finding,
    watchedFromMs,
    confirmAtMs: process.runtime === 'node' ? confirmAtMs : null,
    ...toLimit(finding, process.limit),
  };
}

/** When the growth of a suspect meets what binds it. What does not grow has no such time. */
export function toLimit(
  finding: LeakFinding,
  limit: Limit | null,
): { readonly forecast: LeakForecast | null; readonly forecastReason: string | null } {
  if (finding.growth === null) return { forecast: null, forecastReason: 'nothing grows' };
  if (limit?.headroomBytes == null) return { forecast: null, forecastReason: 'the limit that binds is not known' };
  // The limit may count other things, too (the whole machine's use): what this process may still take is its headroom.
  const answer = forecast(finding.growth, finding.growth.levelBytes + limit.headroomBytes);
  if (answer.forecast === null) return { forecast: null, forecastReason: answer.reason };
  const { atMs, earliestMs, latestMs, confidence } = answer.forecast;
  return {
    forecast: {
      limitBytes: limit.limitBytes,
      limitSource: limit.source,
      atMs,
      earliestMs,
      latestMs: Number.isFinite(latestMs) ? latestMs : null,
      confidence,
    },
    forecastReason: null,
  };
}

function summary(rows: readonly LeakRow[], tooYoung: number): string {
  const leaking = rows.filter(({ verdict }) => verdict === 'leaking');
  const suspected = rows.filter(({ verdict }) => verdict === 'suspected');
  const rate = leaking.reduce((sum, { finding }) => sum + (finding.ratePerHourBytes ?? 0), 0);
  const parts = [
    leaking.length === 0 ? 'No leak found' : `${leaking.length} leaking, together ${sizeText(rate)} an hour`,
    ...(suspected.length === 0 ? [] : [`${suspected.length} suspected`]),
    `${rows.length} watched${tooYoung === 0 ? '' : `, ${tooYoung} of them too young for a verdict`}`,
  ];
  return `${parts.join('; ')}.`;
}
