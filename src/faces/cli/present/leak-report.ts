import { redactArguments, sanitise } from '../../../untrusted/index.ts';
import type { WatchReport } from '../../../service/gate/command.ts';

/** The whole run as data, for `--report` and `--json`. Sizes in bytes, times in ms since the start of the command. */
export function leakReport(report: WatchReport, command: readonly string[]) {
  const { decisive, trends, isolates, memory, ...rest } = report;
  return {
    schemaVersion: 1 as const,
    command: redactArguments(command).map((word) => sanitise(word, 200)),
    ...rest,
    decisive: decisive?.of ?? null,
    trends: trends.map(({ of, kind, unit, pid, threadId, trend, series }) => ({
      of,
      kind,
      unit,
      pid,
      threadId,
      ...trend,
      series: series.points.map(({ tMs, value }) => ({ tMs: Math.round(tMs), value })),
    })),
    memory: memory.points.map(({ tMs, value }) => ({ tMs: Math.round(tMs), bytes: value })),
    isolates: isolates.map(({ pid, threadId, collections, pauseMs, forced, natural }) => ({
      pid,
      threadId,
      collections,
      pauseMs,
      floors: (forced.live.points.length > 0 ? forced : natural).live.points.map(({ tMs, value }) => ({
        tMs: Math.round(tMs),
        bytes: value,
      })),
      floorsAreExact: forced.live.points.length > 0,
    })),
  };
}
