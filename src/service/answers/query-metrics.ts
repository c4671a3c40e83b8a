import { METRICS, RampartError, type MetricsAnswer, type MetricsQuery, type SubjectId } from '../../model/index.ts';

/** What is needed of history. */
export interface MetricsReader {
  query(query: MetricsQuery): Promise<MetricsAnswer>;
}

export interface LiveSubjects {
  /** Key of the live process with this pid; null when there is none. */
  keyOfPid(pid: number): SubjectId | null;
  /** A few subjects that can be asked for, most telling first. */
  examples(): readonly SubjectId[];
}

const MAX_POINTS = 2_000;

export async function queryMetrics(
  history: MetricsReader | null,
  live: LiveSubjects,
  query: MetricsQuery,
): Promise<MetricsAnswer> {
  check(query);
  if (history === null) {
    throw new RampartError(
      'unsupported',
      'there is no history: this answer comes from a single look, not from the service',
      'Start the service (`rampart start`), which keeps history from then on.',
    );
  }
  const subject = resolve(query.subject, live);
  const answer = await history.query({ ...query, subject });
  if (answer.heldFromMs !== null) return answer;
  throw new RampartError(
    'not-found',
    `history holds no ${query.metric} of '${query.subject.slice(0, 80)}'`,
    `Ask for one of: ${live.examples().join(', ')}.`,
  );
}

/** A bare pid is what people type; it means the process that has it now. */
function resolve(subject: SubjectId, live: LiveSubjects): SubjectId {
  if (!/^\d{1,10}$/.test(subject)) return subject;
  return live.keyOfPid(Number(subject)) ?? subject;
}

function check({ subject, metric, fromMs, toMs, maxPoints }: MetricsQuery): void {
  const bad = (message: string, hint: string): RampartError => new RampartError('bad-input', message, hint);
  if (subject === '')
    throw bad('subject is empty', "Valid: 'host', 'rampart', 'session:ID', 'PID:STARTTIME', or a pid.");
  if (!METRICS.includes(metric)) {
    throw bad(`there is no metric '${String(metric).slice(0, 50)}'`, `Valid: ${METRICS.join(', ')}.`);
  }
  if (!(fromMs < toMs)) throw bad('fromMs is not before toMs', 'Both are milliseconds since the epoch.');
  if (!Number.isInteger(maxPoints) || maxPoints < 1 || maxPoints > MAX_POINTS) {
    throw bad(`maxPoints is ${maxPoints}`, `Valid: 1 to ${MAX_POINTS}.`);
  }
}
