import type { Alert, AlertBook, HealthReport, Severity, StatusReport, Watching } from '../../model/index.ts';

/** `status` and `health` of an engine, with what fires. */
export function withAlerts(
  engine: Pick<Watching, 'status' | 'health'>,
  book: AlertBook,
): Pick<Watching, 'status' | 'health'> {
  return {
    status: async () => inStatus(await engine.status(), loud(book)),
    health: async () => inHealth(await engine.health(), loud(book)),
  };
}

const ORDER: readonly Severity[] = ['ok', 'warning', 'critical', 'emergency'];
const rank = (severity: Severity): number => ORDER.indexOf(severity);

/** What nobody has silenced or acknowledged, and what is not a part of something wider; worst first. */
function loud(book: AlertBook): readonly Alert[] {
  return book
    .firing()
    .filter(
      ({ silencedBy, inhibitedBy, acknowledged }) =>
        silencedBy === null && inhibitedBy === null && acknowledged === null,
    )
    .toSorted((a, b) => rank(b.level) - rank(a.level));
}

function inStatus(report: StatusReport, [worst, ...others]: readonly Alert[]): StatusReport {
  if (worst === undefined) return report;
  const rest = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return { ...report, summary: `${report.summary}; alert: ${worst.title.replace(/\.$/, '')}${rest}` };
}

function inHealth(report: HealthReport, alerts: readonly Alert[]): HealthReport {
  const [worst] = alerts;
  const check =
    worst === undefined
      ? ({ name: 'alerts', level: 'ok', detail: 'none fires that nobody has seen', next: null } as const)
      : ({
          name: 'alerts',
          level: worst.level,
          detail: `${alerts.length} fire${alerts.length === 1 ? 's' : ''}, worst: ${worst.title}`,
          next: `rampart alerts --verbose; rampart ack ${worst.fingerprint.slice(0, 8)} when you deal with it`,
        } as const);
  const severity = worst !== undefined && rank(worst.level) > rank(report.severity) ? worst.level : report.severity;
  return { ...report, severity, checks: [check, ...report.checks] };
}
