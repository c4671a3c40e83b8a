import type { CheckLevel, HealthReport, Severity, StatusReport } from '../../model/index.ts';
import { allProcesses, sizeOf } from './reports.ts';
import { percentText, sizeText } from '../../wording/index.ts';

type Check = HealthReport['checks'][number];

/** What history says of itself, as far as health cares. */
export interface HistoryHealth {
  readonly lastFlushError: string | null;
  readonly droppedSamples: number;
}

export interface HealthInput {
  readonly status: StatusReport;
  readonly severityReason: string;
  /** Null: no history is kept (a single look). */
  readonly history: HistoryHealth | null;
  /** OOM kills in our cgroup since the service started; null: not known. */
  readonly newOomKills: number | null;
  readonly problems: readonly string[];
}

/** Tasks that wait a second of ten for memory are slow; when all wait, the machine stands still for that second. */
const PRESSURE_PERCENT = 10;
/** Cold pages in swap are no harm; a full swap means that the next allocation meets the OOM killer. */
const SWAP_INFO_SHARE = 0.5;
const SWAP_WARNING_SHARE = 0.9;
/** A zombie holds no memory, only a pid: 32,768 of them stop every fork. codex#12491 had 1,300. */
const ZOMBIES_WARNING = 100;
/** Half of what a monitor of this kind may cost before it becomes part of the problem (bare Node + 35 MiB is 80). */
const OWN_RSS_WARNING_BYTES = 200 * 1024 * 1024;
const OWN_CPU_WARNING_PERCENT = 5;

const RANK: Readonly<Record<CheckLevel, number>> = { ok: 0, info: 0, warning: 1, critical: 2, emergency: 3 };
const SEVERITIES: readonly Severity[] = ['ok', 'warning', 'critical', 'emergency'];

export function healthReport(input: HealthInput): HealthReport {
  const checks = [
    memory(input),
    swap(input.status),
    pressure(input.status),
    oomKills(input.newOomKills),
    nearLimit(input.status),
    ...leftovers(input.status),
    zombies(input.status),
    history(input.history),
    ownCost(input.status),
    watching(input),
  ].filter((check) => check !== null);
  const worst = Math.max(...checks.map(({ level }) => RANK[level]));
  return { schemaVersion: 1, atMs: input.status.atMs, severity: SEVERITIES[worst] ?? 'ok', checks };
}

function memory({ status, severityReason }: HealthInput): Check {
  const { limit, memoryAvailableBytes } = status.host;
  const detail = `${severityReason}; ${sizeText(memoryAvailableBytes)} available, ${limit.source}`;
  const next = status.severity === 'ok' ? null : 'rampart status: the largest sessions come first';
  return { name: 'memory', level: status.severity, detail, next };
}

function swap({ host }: StatusReport): Check {
  if (host.swapTotalBytes === 0) return { name: 'swap', level: 'ok', detail: 'there is none', next: null };
  const used = 1 - host.swapFreeBytes / host.swapTotalBytes;
  const level = used >= SWAP_WARNING_SHARE ? 'warning' : used >= SWAP_INFO_SHARE ? 'info' : 'ok';
  const detail = `${percentText(used)} of ${sizeText(host.swapTotalBytes)} is used`;
  return {
    name: 'swap',
    level,
    detail,
    next: level === 'warning' ? 'end what is idle: rampart status shows it' : null,
  };
}

function pressure({ host }: StatusReport): Check {
  if (host.pressure === null) {
    const why = host.unknown['pressure'] ?? 'the kernel does not tell';
    return { name: 'pressure', level: 'info', detail: `not known: ${why}`, next: null };
  }
  const { someAvg10Percent, fullAvg10Percent } = host.pressure;
  const detail = `tasks waited for memory in ${someAvg10Percent} % of the last 10 s, all of them in ${fullAvg10Percent} %`;
  if (fullAvg10Percent >= PRESSURE_PERCENT) {
    return { name: 'pressure', level: 'critical', detail, next: 'the machine is thrashing: end the largest session' };
  }
  const level = someAvg10Percent >= PRESSURE_PERCENT ? 'warning' : 'ok';
  return { name: 'pressure', level, detail, next: null };
}

function oomKills(count: number | null): Check | null {
  if (count === null) return null;
  if (count === 0) return { name: 'oom-kills', level: 'ok', detail: 'none since the service started', next: null };
  return {
    name: 'oom-kills',
    level: 'critical',
    detail: `the kernel killed ${count} of this cgroup since the service started`,
    next: 'raise the memory limit of this container or slice, or run fewer agents',
  };
}

/** The same shares as for the host: a process at its own limit dies with the host half empty. */
const OWN_LIMIT_WARNING_SHARE = 0.9;

function nearLimit(status: StatusReport): Check {
  const full = allProcesses(status).filter(
    ({ limit, role }) =>
      role !== 'other' &&
      limit !== null &&
      limit.kind !== 'host-memory' &&
      limit.usedBytes !== null &&
      limit.usedBytes >= limit.limitBytes * OWN_LIMIT_WARNING_SHARE,
  );
  const first = full[0];
  if (first?.limit == null) {
    return { name: 'limits', level: 'ok', detail: 'no agent process is near a limit of its own', next: null };
  }
  return {
    name: 'limits',
    level: 'warning',
    detail: `${full.length} near a limit of their own, first ${first.name} (${first.id}): ${first.limit.source}`,
    next: `rampart status; raise that limit or restart ${first.name}`,
  };
}

const LEFTOVERS = [
  ['orphan', 'orphans', 'warning', 'their client is gone; end them when you agree with the evidence in rampart status'],
  ['duplicate', 'duplicates', 'warning', 'a second copy of a server under one client: restart that session'],
  ['retained', 'retained', 'info', 'finished but still here: close those sessions when you are done'],
  ['stale', 'stale', 'info', 'they run code or belong to a generation that was replaced: restart them'],
] as const;

function leftovers(status: StatusReport): Check[] {
  const processes = allProcesses(status);
  return LEFTOVERS.map(([verdict, name, level, next]) => {
    const found = processes.filter((process) => process.verdict === verdict);
    if (found.length === 0) return { name, level: 'ok', detail: 'none', next: null };
    const bytes = found.reduce((sum, process) => sum + sizeOf(process), 0);
    return { name, level, detail: `${found.length}, holding ${sizeText(bytes)}`, next };
  });
}

function zombies(status: StatusReport): Check {
  const count = allProcesses(status).filter(({ verdict }) => verdict === 'zombie').length;
  const level = count >= ZOMBIES_WARNING ? 'warning' : count > 0 ? 'info' : 'ok';
  const next = level === 'warning' ? 'their parent does not reap them: restart it' : null;
  return { name: 'zombies', level, detail: count === 0 ? 'none' : `${count}; they hold pids, no memory`, next };
}

function history(health: HistoryHealth | null): Check {
  if (health === null) {
    return {
      name: 'history',
      level: 'info',
      detail: 'none: this is a single look',
      next: 'rampart start keeps history',
    };
  }
  if (health.lastFlushError !== null) {
    const detail = `not written: ${health.lastFlushError}; it goes on in memory`;
    return { name: 'history', level: 'warning', detail, next: 'free disk space, or set RAMPART_STATE_DIR elsewhere' };
  }
  if (health.droppedSamples > 0) {
    return { name: 'history', level: 'warning', detail: `${health.droppedSamples} samples were lost`, next: null };
  }
  return { name: 'history', level: 'ok', detail: 'written', next: null };
}

function ownCost({ rampart }: StatusReport): Check {
  const cpu = rampart.cpuPercent;
  const detail = `${sizeText(rampart.rssBytes)} RSS, CPU ${cpu === null ? 'not known yet' : `${cpu.toFixed(2)} %`}, ${rampart.skippedTicks} looks skipped`;
  const heavy = rampart.rssBytes > OWN_RSS_WARNING_BYTES || (cpu ?? 0) > OWN_CPU_WARNING_PERCENT;
  return { name: 'rampart', level: heavy ? 'warning' : 'ok', detail, next: heavy ? 'restart the service' : null };
}

function watching({ status, problems }: HealthInput): Check {
  const first = problems[0];
  if (first !== undefined) {
    const detail = `${problems.length} problem${problems.length === 1 ? '' : 's'}, first: ${first}`;
    return { name: 'coverage', level: 'warning', detail, next: 'rampart doctor' };
  }
  const { hidden, processes } = status.coverage;
  const detail = `${processes} processes seen${hidden === 0 ? '' : `, ${hidden} hidden`}`;
  return {
    name: 'coverage',
    level: hidden === 0 ? 'ok' : 'info',
    detail,
    next: hidden === 0 ? null : 'rampart doctor',
  };
}
