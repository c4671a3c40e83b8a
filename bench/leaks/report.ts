import type { OperatingPoint } from './curve.ts';
import type { CalibrationBin, Figures, TraceResult } from './measure.ts';
import { median, summarise } from './measure.ts';

export function header(): string {
  return `${'detector'.padEnd(32)}    P      R      F1   delay h  false/day  µs/sample`;
}

export function row(name: string, f: Figures): string {
  return [
    name.padEnd(32),
    f.precision.toFixed(3),
    f.recall.toFixed(3),
    f.f1.toFixed(3),
    f.medianDelayH.toFixed(2).padStart(7),
    f.falseAlarmsPerDay.toFixed(4).padStart(9),
    f.microsecondsPerSample.toFixed(2).padStart(8),
  ].join('  ');
}

/** One line a family: found or falsely alarmed, of how many. */
export function perFamily(results: readonly TraceResult[]): string[] {
  const groups = new Map<string, TraceResult[]>();
  for (const r of results) groups.set(r.family, [...(groups.get(r.family) ?? []), r]);
  return [...groups].map(([family, group]) => {
    const found = group.filter((r) => r.delayH !== null);
    const falsely = group.filter((r) => r.falseAlarms > 0).length;
    const what = group[0]!.leaky
      ? `found ${found.length}/${group.length}, median delay ${median(found.map((r) => r.delayH!)).toFixed(1)} h`
      : `false alarms on ${falsely}/${group.length}`;
    return `  ${family.padEnd(22)} ${what}${group[0]!.leaky && falsely > 0 ? `, before the onset on ${falsely}` : ''}`;
  });
}

/** Reliability: the dots should lie on the diagonal. */
export function reliabilityPlot(bins: readonly CalibrationBin[]): string[] {
  return bins.map((b) => {
    const at = (v: number): number => Math.min(40, Math.round(v * 40));
    const line = Array.from({ length: 41 }, () => ' ');
    line[at(b.meanScore)] = '|';
    line[at(b.leaking)] = at(b.meanScore) === at(b.leaking) ? '◉' : '●';
    return `  ${b.from.toFixed(1)}–${b.to.toFixed(1)} n=${String(b.count).padStart(5)} score ${b.meanScore.toFixed(2)} leaking ${b.leaking.toFixed(2)} ${line.join('')}`;
  });
}

export function recallOf(results: readonly TraceResult[], families: readonly string[]): number {
  return summarise(results.filter((r) => families.includes(r.family))).recall;
}

/** Median delay and false alarms at each threshold. */
export function curveLines(points: readonly OperatingPoint[]): string[] {
  return points.map(
    (p) =>
      `  log-odds ≥ ${p.threshold.toFixed(2).padStart(5)}${p.isProduct ? '*' : ' '}  false/day ${p.figures.falseAlarmsPerDay.toFixed(4)}  median delay ${p.figures.medianDelayH.toFixed(2).padStart(5)} h  found in 4 h ${p.foundIn4h.toFixed(2)}, in 8 h ${p.foundIn8h.toFixed(2)}, at all ${p.figures.recall.toFixed(3)}  F1 ${p.figures.f1.toFixed(3)}`,
  );
}
