import type { Limit, Pressure, Severity } from '../../model/index.ts';
import { PRESSURE_LEVELS, severity, type SeverityLevels, type SeverityVerdict } from '../../sessions/index.ts';

/**
 * A level is left only when the figure has fallen this much below where it was entered, so that a host at the edge does
 * not flap: 5 points of use, as Netdata's RAM alarm has it, and half of the stall time.
 */
const EXIT_SHARE = 0.05;
const EXIT_PRESSURE = 0.5;

const ORDER: readonly Severity[] = ['ok', 'warning', 'critical', 'emergency'];
const rank = (level: Severity): number => ORDER.indexOf(level);

/** The level of the host now, given the level before. */
export function steadySeverity(
  limit: Limit,
  pressure: Pressure | null,
  levels: SeverityLevels,
  before: Severity,
): SeverityVerdict {
  const entered = severity(limit, pressure, levels);
  if (rank(entered.severity) >= rank(before)) return entered;
  const lowered = shift(levels, (level) => level - EXIT_SHARE);
  const staying = severity(
    limit,
    pressure,
    lowered,
    shift(PRESSURE_LEVELS, (level) => level * EXIT_PRESSURE),
  );
  if (rank(staying.severity) <= rank(entered.severity)) return entered;
  return rank(staying.severity) > rank(before) ? { ...staying, severity: before } : staying;
}

function shift(levels: SeverityLevels, by: (level: number) => number): SeverityLevels {
  return { warning: by(levels.warning), critical: by(levels.critical), emergency: by(levels.emergency) };
}
