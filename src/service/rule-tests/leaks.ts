import { createLeakDetector, type LeakDetector } from '../../detectors/index.ts';
import type { LeakFinding, LeakKind } from '../../model/index.ts';
import type { SeriesValue } from './notation.ts';

/** What the detectors themselves say, fed with the series: as live. */
export function detected(
  detectors: Map<string, LeakDetector>,
  id: string,
  rssBytes: number,
  cpuPercent: number | null,
  tMs: number,
): LeakFinding {
  let detector = detectors.get(id);
  if (detector === undefined) detectors.set(id, (detector = createLeakDetector()));
  detector.push({ tMs, rssBytes, cpuRatio: cpuPercent === null ? null : cpuPercent / 100 });
  return detector.verdict(tMs);
}

/** A verdict that the test states, so that a rule can be tested without hours of samples. */
export function stated(
  verdict: SeriesValue,
  score: number | null,
  ratePerHourBytes: number | null,
  kind: SeriesValue | undefined,
  levelBytes: number | null,
  atMs: number,
): LeakFinding {
  const said = verdict === 'leaking' || verdict === 'suspected' || verdict === 'clear' ? verdict : 'insufficient-data';
  const grows = (said === 'leaking' || said === 'suspected') && ratePerHourBytes !== null;
  return {
    verdict: said,
    score:
      said === 'insufficient-data' ? null : (score ?? (said === 'leaking' ? 0.95 : said === 'suspected' ? 0.4 : 0.05)),
    // As strong as its verdict can be: what a test states is meant.
    logOdds: said === 'leaking' ? 5 : 0,
    logEValue: 0,
    peakScore: score,
    peakAtMs: null,
    kind: said === 'clear' || said === 'insufficient-data' ? null : ((kind ?? 'unknown') as LeakKind),
    kindReason: null,
    confirmation: null,
    ratePerHourBytes: grows ? ratePerHourBytes : null,
    rateInterval: grows
      ? { lowBytesPerHour: ratePerHourBytes * 0.9, highBytesPerHour: ratePerHourBytes * 1.1, confidence: 0.8 }
      : null,
    sinceMs: grows ? atMs - 6 * 3_600_000 : null,
    growth: grows
      ? {
          sinceMs: atMs - 6 * 3_600_000,
          atMs,
          levelBytes: levelBytes ?? 0,
          ratePerHourBytes,
          rateErrorPerHourBytes: ratePerHourBytes * 0.06,
          noiseBytes: 0,
        }
      : null,
    detectors: [],
    samples: 1000,
    rejected: { 'not-finite': 0, negative: 0, duplicate: 0, backwards: 0 },
    reason: 'stated by the test',
  };
}
