import type { Limit, Pressure, Severity } from '../model/index.ts';

/** Used parts of the binding limit (0–1) from which the host has a level: `memoryThresholds` of the configuration. */
export interface SeverityLevels {
  readonly warning: number;
  readonly critical: number;
  readonly emergency: number;
}

/**
 * Shares of the last 10 s in which ALL tasks waited for memory (PSI full avg10), in percent. systemd-oomd kills at 60 %
 * of `full` over 30 s by default; work is visibly held up at a tenth of the time, and gone by a third.
 */
export const PRESSURE_LEVELS: SeverityLevels = { warning: 10, critical: 30, emergency: 60 };

const ORDER: readonly Severity[] = ['ok', 'warning', 'critical', 'emergency'];

export interface SeverityVerdict {
  readonly severity: Severity;
  /** One plain sentence. */
  readonly reason: string;
}

/** How bad it is: the worse of memory used and time lost to waiting for memory. */
export function severity(
  limit: Limit,
  pressure: Pressure | null,
  levels: SeverityLevels,
  pressureLevels: SeverityLevels = PRESSURE_LEVELS,
): SeverityVerdict {
  const used = limit.headroomBytes === null ? null : usedShare(limit.limitBytes, limit.headroomBytes);
  const byMemory = used === null ? 'ok' : levelOf(used, levels);
  const stalled = pressure?.fullAvg10Percent ?? 0;
  const byPressure = levelOf(stalled, pressureLevels);
  if (ORDER.indexOf(byPressure) > ORDER.indexOf(byMemory)) {
    return {
      severity: byPressure,
      reason: `All tasks waited for memory in ${Math.round(stalled)} % of the last 10 s.`,
    };
  }
  if (used === null) return { severity: byMemory, reason: 'Headroom is not known; nothing waits for memory.' };
  return { severity: byMemory, reason: `${Math.round(used * 100)} % of the ${NAMES[limit.kind]} is used.` };
}

const NAMES: Record<Limit['kind'], string> = {
  cgroup: "memory cgroup's limit",
  'cgroup-high': "memory cgroup's high mark",
  'host-memory': 'RAM and swap',
  'v8-old-space': 'V8 heap limit',
  rlimit: 'resource limit',
};

function usedShare(limitBytes: number, headroomBytes: number): number {
  return limitBytes > 0 ? Math.min(1, Math.max(0, 1 - headroomBytes / limitBytes)) : 1;
}

function levelOf(value: number, levels: SeverityLevels): Severity {
  if (value >= levels.emergency) return 'emergency';
  if (value >= levels.critical) return 'critical';
  return value >= levels.warning ? 'warning' : 'ok';
}
