import type {
  Attribution,
  Limit,
  LifecycleVerdict,
  ProcessFacts,
  ProcessReport,
  ProcessSample,
} from '../model/index.ts';
import { sanitise } from '../untrusted/index.ts';

/** Everything that is known of one process, before it is put into a report. */
export interface ReportRow {
  readonly sample: ProcessSample;
  readonly facts: ProcessFacts;
  readonly attribution: Attribution;
  readonly verdict: LifecycleVerdict;
  readonly limit: Limit | null;
  /** Share of one core since the last look; null: not known yet. */
  readonly cpuPercent: number | null;
}

const INTERPRETER = /^(?:node|nodejs|bun|deno|python[\d.]*|ruby|perl)$/;

/** Server name, else the script that an interpreter runs, else the command. */
export function readableName({
  facts,
  attribution,
  sample,
}: Pick<ReportRow, 'facts' | 'attribution' | 'sample'>): string {
  if (attribution.serverName !== null) return sanitise(attribution.serverName, 80);
  const base = (path: string) => path.split('/').findLast((part) => part !== '') ?? path;
  const program = base(facts.argv[0] ?? facts.comm);
  const script = INTERPRETER.test(program) ? facts.argv.slice(1).find((word) => !word.startsWith('-')) : undefined;
  return sanitise(script === undefined ? program : `${program} ${base(script)}`, 80) || `pid ${sample.pid}`;
}

function unknownOf({ sample, facts, cpuPercent, limit }: ReportRow, isZombie: boolean): Record<string, string> {
  const unknown: Record<string, string> = { ...facts.unknown };
  if (isZombie) return unknown;
  if (sample.anonBytes === null) unknown['anonBytes'] = 'the platform does not tell';
  if (sample.footprint === null) {
    for (const name of ['pssBytes', 'ussBytes', 'swapBytes']) unknown[name] = 'not read yet, or not permitted';
  }
  if (cpuPercent === null) unknown['cpuPercent'] = 'needs a second look';
  if (limit === null) unknown['limit'] = 'not known for this process';
  return unknown;
}

/** One process as every face shows it. A zombie has no memory left, so its figures are 0, not unknown. */
export function processReport(row: ReportRow): ProcessReport {
  const { sample, facts, attribution, verdict } = row;
  const isZombie = sample.state === 'zombie';
  const { footprint } = sample;
  return {
    pid: sample.pid,
    startTime: sample.startTime,
    id: sample.key,
    ppid: sample.ppid,
    startedAtMs: facts.startedAtMs,
    name: readableName(row),
    command: sanitise(facts.argv.length > 0 ? facts.argv.join(' ') : facts.comm),
    runtime: facts.runtime,
    state: sample.state,
    role: attribution.role,
    client: attribution.client,
    sessionId: attribution.sessionId,
    agentId: attribution.agentId,
    serverName: attribution.serverName,
    attributionConfidence: attribution.confidence,
    attributionEvidence: attribution.evidence,
    verdict: verdict.verdict,
    verdictConfidence: verdict.confidence,
    verdictEvidence: verdict.evidence,
    lastActiveMs: verdict.lastActiveMs,
    rssBytes: sample.rssBytes,
    anonBytes: isZombie ? 0 : sample.anonBytes,
    pssBytes: isZombie ? 0 : (footprint?.pssBytes ?? null),
    ussBytes: isZombie ? 0 : (footprint?.ussBytes ?? null),
    swapBytes: isZombie ? 0 : (footprint?.swapBytes ?? null),
    footprintAtMs: footprint?.atMs ?? null,
    cpuPercent: row.cpuPercent,
    limit: row.limit,
    unknown: unknownOf(row, isZombie),
  };
}
