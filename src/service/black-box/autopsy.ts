import { createHash } from 'node:crypto';
import {
  deathSummary,
  decodeStatus,
  type DeathSigns,
  judgeDeath,
  keep,
  LOG_SLACK_MS,
  resumeOf,
  signalOf,
} from '../../deaths/index.ts';
import type { SessionFiles } from '../../integrations/index.ts';
import type { AuditEntry, Companion, Death, DeathTraces, ExitStatus, LeakFinding, RawExit } from '../../model/index.ts';
import { lastCurve, type QueryHistory } from './last-curve.ts';
import type { Watched } from './roster.ts';

/** One that is gone, and what was known at once. The rest is looked for in an autopsy. */
export interface Body {
  readonly watched: Watched;
  readonly anonBytes: number | null;
  readonly seenAtMs: number;
  readonly diedAfterMs: number;
  readonly diedBeforeMs: number;
  readonly exit: RawExit | null;
  readonly leak: LeakFinding | null;
  readonly heapLimitBytes: number | null;
  readonly agentIdleMs: number | null;
  readonly oom: DeathSigns['oom'];
  readonly daemons: DeathSigns['daemons'];
  readonly host: {
    readonly availableBytes: number;
    readonly totalBytes: number;
    readonly pressure: number | null;
  } | null;
  readonly userGone: boolean;
  readonly agentLives: boolean;
  readonly siblings: number;
  readonly rebooted: boolean;
  /** 'Rampart was not running': why the interval is long and the exit status is not known. */
  readonly away: boolean;
}

export interface AutopsyDeps {
  readonly query: QueryHistory;
  readonly traces: DeathTraces;
  readonly sessionFiles: SessionFiles;
  /** Lines of our audit log since then. */
  readonly audit: (fromMs: number) => Promise<readonly AuditEntry[]>;
  readonly alertsAbout: (watched: Watched) => readonly string[];
  readonly shortPath: (path: string) => string;
}

/** What audit lines are asked for before a death: the longest grace between SIGTERM and SIGKILL, and more. */
const AUDIT_BEFORE_MS = 2 * 60_000;

/** Looks for the signs of one death, judges it, and says whether it is to be remembered (null: it is not). */
export async function examine(body: Body, companions: readonly Companion[], deps: AutopsyDeps): Promise<Death | null> {
  const { watched } = body;
  const exit = exitOf(body);
  const curve = await lastCurve(deps.query, watched.key, body.diedBeforeMs);
  const signs = await findSigns(body, exit, curve, deps);
  const judgement = judgeDeath(signs);
  const peakRssBytes = Math.max(watched.rssBytes, ...curve.map(({ rssBytes }) => rssBytes));
  const leak =
    body.leak === null ? null : { verdict: body.leak.verdict, score: body.leak.score, reason: body.leak.reason };
  const ageMs = watched.startedAtMs === null ? null : body.diedBeforeMs - watched.startedAtMs;
  const candidate = {
    role: watched.role,
    peakRssBytes,
    ageMs,
    leak: leak?.verdict ?? null,
    agentLives: body.agentLives,
  };
  const { ordinary, reason } = keep(candidate, judgement, exit, signs.userGone);
  if (reason === null) return null;
  const facts = {
    role: watched.role,
    process: { pid: watched.pid, startTime: watched.startTime, id: watched.key },
    ...judgement,
    exitCode: exit?.code ?? null,
    signal: exit?.signal ?? null,
    companions,
  };
  return {
    id: createHash('sha256')
      .update(`${watched.key} ${watched.startedAtMs} ${body.diedBeforeMs}`)
      .digest('hex')
      .slice(0, 12),
    ...facts,
    name: watched.name,
    runtime: watched.runtime,
    client: watched.client,
    sessionId: watched.sessionId,
    startedAtMs: watched.startedAtMs,
    diedAfterMs: exit?.atMs ?? body.diedAfterMs,
    diedBeforeMs: exit?.atMs ?? body.diedBeforeMs,
    ordinary,
    kept: reason,
    curve,
    peakRssBytes: peakRssBytes > 0 ? peakRssBytes : null,
    lastLeak: leak,
    lastAlerts: deps.alertsAbout(watched),
    hostAvailableBytes: body.host?.availableBytes ?? null,
    pressureSomePercent: body.host?.pressure ?? null,
    ...(await resume(watched, deps)),
    summary: deathSummary(facts),
    unknown: unknownOf(body, exit, curve.length),
  };
}

const exitOf = ({ exit }: Body): ExitStatus | null =>
  exit === null ? null : { ...decodeStatus(exit.status), atMs: exit.atMs, from: exit.from };

async function findSigns(
  body: Body,
  exit: ExitStatus | null,
  curve: DeathSigns['curve'],
  { traces, sessionFiles, audit }: AutopsyDeps,
): Promise<DeathSigns> {
  const { watched, diedBeforeMs } = body;
  const diedAfterMs = exit?.atMs ?? body.diedAfterMs;
  const untilMs = exit?.atMs ?? diedBeforeMs;
  const signal = exit === null ? null : signalOf(exit);
  // An exit code says that it left by itself: then no log is worth reading.
  const wantsKernel = exit === null || (signal === 'SIGKILL' && body.oom.host !== 0) || isFatal(exit);
  const wantsDaemons = exit === null || exit.signal !== null;
  const [from, to] = [diedAfterMs - LOG_SLACK_MS, untilMs + LOG_SLACK_MS];
  const isTool = watched.role === 'tool' && watched.client === 'claude-code' && watched.sessionId !== null;
  const [kernelLog, daemonLog, lines, left, tasks] = await Promise.all([
    wantsKernel ? traces.kernelLog(from, to) : null,
    wantsDaemons ? traces.daemonLog(from, to) : null,
    audit(diedAfterMs - AUDIT_BEFORE_MS),
    exit?.code === 0 ? { report: null, core: false } : traces.files(watched.pid, watched.cwd, diedAfterMs),
    isTool ? sessionFiles.taskEndings(watched.sessionId ?? '', watched.cwd, diedAfterMs, untilMs) : null,
  ]);
  return {
    process: { ...watched, anonBytes: body.anonBytes, seenAtMs: body.seenAtMs },
    diedAfterMs,
    diedBeforeMs: untilMs,
    exit,
    oom: body.oom,
    kernelLog,
    daemonLog,
    daemons: body.daemons,
    audit: lines.filter(({ process }) => process === watched.key),
    tasks,
    recordLeft: watched.hasRecord ? sessionFiles.recordLeft(watched.pid, watched.startTime) : null,
    ...left,
    heapLimitBytes: body.heapLimitBytes,
    userGone: body.userGone,
    agentIdleMs: body.agentIdleMs,
    siblings: body.siblings,
    pressureSomePercent: body.host?.pressure ?? null,
    availableShare: body.host === null ? null : body.host.availableBytes / body.host.totalBytes,
    curve,
    rebooted: body.rebooted,
  };
}

const isFatal = ({ code, signal }: ExitStatus): boolean =>
  code === null && signal !== 'SIGTERM' && signal !== 'SIGKILL';

async function resume(
  { role, client, sessionId, cwd }: Watched,
  { sessionFiles, shortPath }: AutopsyDeps,
): Promise<{ resume: string | null; resumeReason: string }> {
  if (role !== 'agent')
    return { resume: null, resumeReason: 'It was no agent: its session is not over because of it.' };
  const found = sessionId === null ? 'missing' : await sessionFiles.find(client, sessionId, cwd);
  const file = typeof found === 'string' ? null : { path: shortPath(found.path), bytes: found.bytes };
  const { command, reason } = resumeOf({ client, sessionId, cwd, file, searched: found !== 'not-searched' });
  return { resume: command, resumeReason: reason };
}

function unknownOf({ away }: Body, exit: ExitStatus | null, points: number): Record<string, string> {
  const unknown: Record<string, string> = {};
  if (exit === null) {
    const reason = away
      ? 'it died while Rampart was not running'
      : 'only its parent got it; `rampart doctor` says what would help';
    unknown['exitCode'] = reason;
    unknown['signal'] = reason;
  }
  if (away) {
    for (const name of ['hostAvailableBytes', 'pressureSomePercent']) unknown[name] = 'Rampart was not running then';
  }
  if (points === 0) unknown['curve'] = 'history holds no sample of it';
  return unknown;
}
