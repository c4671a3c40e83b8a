/** One process: every detector over one compressed series, put together into one verdict. */
import type {
  DetectorEvidence,
  DetectorSample,
  GrowthEstimate,
  LeakFinding,
  LeakKind,
  LeakVerdict,
} from '../model/index.ts';
import { calibrate } from './score/calibration.ts';
import { countGrowth } from './count-growth.ts';
import { BLOCK_MS, type DetectorContext, type Profile } from './define.ts';
import { fastLane } from './fast-lane.ts';
import { CLEARED_LOG_ODDS, CONFIRMED_LOG_ODDS, gcFloor } from './gc-floor.ts';
import { estimateGrowth } from './growth.ts';
import { createIntake } from './intake.ts';
import { logEValue, records } from './records.ts';
import { createScales, NO_GROWTH } from './window/scales.ts';
import { staircase } from './staircase.ts';
import { LEAKING_LOG_ODDS, SUSPECTED_LOG_ODDS, sustainedGrowth } from './sustained-growth.ts';

export interface LeakDetectorOptions {
  /** How the process is watched; see `Profile`. Default 'service'. */
  readonly profile?: Profile;
}

/** Watches one process, from its first sample to its end. State is bounded: `stateBytes` ≤ 8 KB whatever comes in. */
export interface LeakDetector {
  /** O(1) amortised. Bad samples are counted and left out, never thrown on. */
  push(sample: DetectorSample): void;
  /** What is known at `nowMs` (default: the last sample's time). Pure: asking changes nothing. */
  verdict(nowMs?: number): LeakFinding;
  /** Verdict alone, cheap enough for every tick. */
  state(): LeakVerdict;
  /** What the verdict rests on now: natural log of the odds; −12 when nothing grows. As cheap. */
  logOdds(): number;
  readonly stateBytes: number;
}

/** Ten blocks (50 minutes of a service) are the least that a trend test takes; before, only the fast lane can speak. */
const MIN_BLOCKS = 10;
/** Counts are looked at every so many blocks of the finest scale: they change slowly and the test costs 10 µs. */
const COUNT_LOOK_BLOCKS = 4;

export function createLeakDetector(options: LeakDetectorOptions = {}): LeakDetector {
  const profile = options.profile ?? 'service';
  const blockMs = BLOCK_MS[profile];
  const scales = createScales(blockMs);
  const context: DetectorContext = { profile, blockMs, scales };
  const intake = createIntake();
  const growth = sustainedGrowth.start(context);
  const steps = staircase.start(context);
  const floors = gcFloor.start(context);
  const fast = fastLane.start(context);
  const counts = countGrowth.start(context);
  const recordFloors = records.start(context);
  const running = [growth, steps, floors, fast, counts, recordFloors];

  let seenBlocks = 0;
  let countOdds = NO_GROWTH;
  let current = NO_GROWTH;
  let peak = NO_GROWTH;
  let peakAtMs: number | null = null;
  let leaking = false;

  const odds = (): number => {
    let best = Math.max(scales.best().logOdds, countOdds);
    if (fast.evidence().detected) best = Math.max(best, SUSPECTED_LOG_ODDS);
    const said = floors.confirmation();
    // Floors rise during warm-up too: they weigh evidence that there is, and make none.
    if (best < SUSPECTED_LOG_ODDS || said === null) return best;
    return best + (said === 'confirmed' ? CONFIRMED_LOG_ODDS : CLEARED_LOG_ODDS);
  };

  const ready = (): boolean => scales.pyramid.count(0) >= MIN_BLOCKS || fast.evidence().detected;

  const state = (): LeakVerdict => {
    if (!ready()) return 'insufficient-data';
    if (leaking) return 'leaking';
    return current >= SUSPECTED_LOG_ODDS ? 'suspected' : 'clear';
  };

  const review = (tMs: number): void => {
    if (seenBlocks % COUNT_LOOK_BLOCKS === 0) countOdds = counts.parts.countGrowth()?.logOdds ?? NO_GROWTH;
    current = Math.max(NO_GROWTH, odds());
    // Hysteresis: an alarm ends when not even a suspicion is left, so that it does not flap about one threshold.
    leaking = current >= (leaking ? SUSPECTED_LOG_ODDS : LEAKING_LOG_ODDS);
    if (current > peak) {
      peak = current;
      peakAtMs = tMs;
    }
  };

  return {
    push(sample) {
      const reading = intake.accept(sample);
      if (reading === null) return;
      scales.push(reading.tSeconds, reading.footprintBytes, reading.load);
      for (const detector of running) detector.push(reading, sample);
      const closed = scales.pyramid.closed(0);
      if (closed === seenBlocks) return;
      seenBlocks = closed;
      review(sample.tMs);
    },
    state,
    logOdds: () => (ready() ? current : NO_GROWTH),
    verdict(nowMs) {
      const verdict = state();
      const suspicious = verdict === 'suspected' || verdict === 'leaking';
      const { level } = scales.best();
      const estimate = suspicious ? estimateGrowth(scales, Math.max(0, level), intake.originMs ?? 0) : null;
      const count = suspicious && countOdds >= scales.best().logOdds ? counts.parts.countGrowth() : null;
      const split =
        !suspicious || count !== null
          ? null
          : counts.parts.kindOf(estimate === null ? 0 : (estimate.sinceMs - (intake.originMs ?? 0)) / 1000);
      // Floors look at the heap alone: when they rise, RSS need not be split to know where.
      const heap = suspicious && count === null && floors.confirmation() === 'confirmed';
      const kind: LeakKind | null = count?.kind ?? (heap ? 'v8-heap' : (split?.kind ?? null));
      const score = verdict === 'insufficient-data' ? null : calibrate(current);
      return {
        verdict,
        score,
        logOdds: current,
        logEValue: logEValue(scales),
        peakScore: score === null ? null : calibrate(peak),
        peakAtMs,
        kind,
        kindReason:
          count === null
            ? heap
              ? 'what survives major collections grows'
              : (split?.reason ?? null)
            : `${count.label} grow by ${count.ratePerHour.toFixed(1)} an hour`,
        confirmation: floors.confirmation(),
        ratePerHourBytes: estimate?.ratePerHourBytes ?? null,
        rateInterval: estimate === null ? null : rateInterval(estimate),
        sinceMs: estimate?.sinceMs ?? null,
        growth: estimate,
        detectors: [...running.map((detector) => detector.evidence()), combined(score, verdict, current)],
        samples: intake.samples,
        rejected: { ...intake.rejected },
        reason: sentence(verdict, kind, estimate, nowMs ?? intake.lastMs),
      };
    },
    stateBytes: scales.stateBytes + running.reduce((sum, d) => sum + d.stateBytes, 0) + 16 * 8,
  };
}

/** All detectors together, listed beside its parts. */
function combined(score: number | null, verdict: LeakVerdict, logOdds: number): DetectorEvidence {
  return {
    name: 'combined',
    score,
    detected: verdict === 'leaking',
    evidence: { logOdds: logOdds > NO_GROWTH ? logOdds : null },
    reason: `verdict: ${verdict}`,
  };
}

/** Width of an 80 % interval in standard errors: Student's t with 3 degrees of freedom (four quarters). */
const T_80 = 1.638;

function rateInterval({ ratePerHourBytes, rateErrorPerHourBytes }: GrowthEstimate): LeakFinding['rateInterval'] {
  return {
    lowBytesPerHour: ratePerHourBytes - T_80 * rateErrorPerHourBytes,
    highBytesPerHour: ratePerHourBytes + T_80 * rateErrorPerHourBytes,
    confidence: 0.8,
  };
}

function sentence(
  verdict: LeakVerdict,
  kind: LeakKind | null,
  growth: GrowthEstimate | null,
  nowMs: number | null,
): string {
  if (verdict === 'insufficient-data') return 'Not enough samples yet for any verdict.';
  if (verdict === 'clear') return 'No growth that load, caches or noise do not explain.';
  const rate = growth === null ? '' : `: ${(growth.ratePerHourBytes / 1048576).toPrecision(3)} MiB an hour`;
  const hours = growth === null || nowMs === null ? null : (nowMs - growth.sinceMs) / 3_600_000;
  const since =
    hours === null ? '' : ` for ${hours < 1 ? `${Math.round(hours * 60)} min` : `${hours.toPrecision(2)} h`}`;
  const what = kind === null || kind === 'unknown' ? '' : ` (${kind})`;
  return verdict === 'leaking'
    ? `Memory leaks${what}${rate}${since}.`
    : `Memory may leak${what}${rate}${since}; watch on.`;
}
