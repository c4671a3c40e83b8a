import { createLeakDetector, type LeakDetector, type Profile } from '../../detectors/index.ts';
import { forecast, type ForecastAnswer } from '../../limits/forecast.ts';
import type { Clock, DetectorSample, GrowthEstimate, LeakFinding } from '../../model/index.ts';
import { createRunRecording, type RunRecording } from './recording.ts';
import { createWatchSeries, type WatchSeries } from './series.ts';
import type { WatchTrend, WatchVerdict } from './verdict.ts';

export interface Alarm {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the detectors say of a recording, as they would have said it live. */
export interface ReplayResult {
  /** At the end of the recording. */
  readonly finding: LeakFinding;
  readonly profile: Profile;
  /** Spans in which the verdict was 'leaking'; the last one ends with the recording if it is still on. */
  readonly alarms: readonly Alarm[];
  readonly forecast: ForecastAnswer;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** PSS + swap where known, else RSS: the lowest of each step of time. */
  readonly curve: WatchSeries;
  /**
   * What the detectors took, reading and parsing left out: the median over batches of 500, so that neither the compiling of
   * the first ones nor a busy machine decides. Null: no sample.
   */
  readonly microsecondsPerSample: number | null;
}

export interface Replay {
  push(samples: readonly DetectorSample[]): void;
  result(limitBytes: number | null): ReplayResult;
}

/** A recording that is shorter is one of a run, not of a service: the scales of a service need hours. */
const RUN_MS = 600_000;
/** A recording may be years long and full of alarms; the longest ones of a real process are a few. */
const MAX_ALARMS = 10_000;

/** The same detectors as live, over a recording of any length, in bounded memory. */
export function createReplay(profile: Profile | 'auto', clock: Clock): Replay {
  const service = profile === 'run' ? null : createTrack('service');
  // Until the length is known both look; what judges runs gives up after ten minutes.
  let run = profile === 'service' ? null : { track: createTrack('run'), recording: createRunRecording() };
  const curve = createWatchSeries(0);
  let firstMs: number | null = null;
  let fromMs: number | null = null;
  let toMs: number | null = null;
  const cost = createMedian();

  function feed(sample: DetectorSample): void {
    service?.push(sample);
    if (run === null) return;
    run.track.push(sample);
    run.recording.push(sample);
    firstMs ??= Number.isFinite(sample.tMs) ? sample.tMs : null;
    if (service !== null && firstMs !== null && sample.tMs - firstMs > RUN_MS) run = null;
  }

  return {
    push(samples) {
      for (let from = 0; from < samples.length; from += BATCH) {
        const batch = samples.slice(from, from + BATCH);
        const startMs = clock.monotonicMs();
        for (const sample of batch) feed(sample);
        cost.note((1000 * (clock.monotonicMs() - startMs)) / batch.length);
      }
      for (const { tMs, rssBytes, pssBytes, swapBytes } of samples) {
        const value = (known(pssBytes) ?? rssBytes) + (known(swapBytes) ?? 0);
        if (!Number.isFinite(tMs) || !Number.isFinite(value) || value < 0 || tMs <= (toMs ?? -Infinity)) continue;
        fromMs ??= tMs;
        toMs = tMs;
        curve.push(tMs, value);
      }
    },
    result(limitBytes) {
      const verdict = run?.recording.verdict() ?? null;
      const track = run?.track ?? service;
      if (track === null) throw new Error('one of the two profiles is always on');
      const evidence = track.detector.verdict();
      // Of a run the detectors tell what they saw; the verdict is the gate's own, the same as of `rampart run`.
      const finding = verdict === null ? evidence : asFinding(verdict, evidence);
      return {
        finding,
        profile: run === null ? 'service' : 'run',
        alarms:
          run === null || fromMs === null || toMs === null
            ? track.alarms(toMs)
            : runAlarms(run.recording, fromMs, toMs),
        forecast:
          limitBytes === null ? { forecast: null, reason: 'no limit was given' } : forecast(finding.growth, limitBytes),
        fromMs,
        toMs,
        curve,
        microsecondsPerSample: cost.median(),
      };
    },
  };
}

const BATCH = 500;
const MAX_COSTS = 2048;

/** Median of many values in bounded memory: when full, every second one goes, and only every second new one is kept. */
function createMedian() {
  let values: number[] = [];
  let stride = 1;
  let seen = 0;
  return {
    note(value: number): void {
      if (seen++ % stride === 0) values.push(value);
      if (values.length < MAX_COSTS) return;
      values = values.filter((_, index) => index % 2 === 0);
      stride *= 2;
    },
    median: (): number | null => values.toSorted((a, b) => a - b)[values.length >> 1] ?? null,
  };
}

function createTrack(profile: Profile) {
  const detector: LeakDetector = createLeakDetector({ profile });
  const alarms: Alarm[] = [];
  let sinceMs: number | null = null;
  return {
    detector,
    push(sample: DetectorSample): void {
      detector.push(sample);
      const on = detector.state() === 'leaking';
      if (on === (sinceMs !== null) || !Number.isFinite(sample.tMs)) return;
      if (sinceMs === null) sinceMs = sample.tMs;
      else {
        if (alarms.length < MAX_ALARMS) alarms.push({ fromMs: sinceMs, toMs: sample.tMs });
        sinceMs = null;
      }
    },
    alarms: (endMs: number | null): Alarm[] =>
      sinceMs === null ? alarms : [...alarms, { fromMs: sinceMs, toMs: Math.max(sinceMs, endMs ?? sinceMs) }],
  };
}

/** A run is judged again at so many moments of it: when would it have been called? */
const MOMENTS = 24;

function runAlarms(recording: RunRecording, fromMs: number, toMs: number): Alarm[] {
  const alarms: Alarm[] = [];
  let sinceMs: number | null = null;
  for (let moment = 1; moment <= MOMENTS; moment += 1) {
    const atMs = fromMs + (moment * (toMs - fromMs)) / MOMENTS;
    const leaking = recording.verdict(atMs)?.verdict === 'leaking';
    if (leaking) sinceMs ??= atMs;
    else if (sinceMs !== null) {
      alarms.push({ fromMs: sinceMs, toMs: atMs });
      sinceMs = null;
    }
  }
  return sinceMs === null ? alarms : [...alarms, { fromMs: sinceMs, toMs }];
}

/** The gate's verdict in the form of a finding; what only the detectors know stays theirs. */
function asFinding(verdict: WatchVerdict, evidence: LeakFinding): LeakFinding {
  const { decisive, score, ratePerHourBytes, rateInterval, confirmation, kind, kindReason, reason } = verdict;
  const grows = verdict.verdict === 'leaking' || verdict.verdict === 'suspected';
  const known = verdict.verdict !== 'insufficient-data';
  const share = Math.min(1 - 1e-6, Math.max(1e-6, score));
  const logOdds = Math.log(share / (1 - share));
  const combined = { score: known ? score : null, detected: verdict.verdict === 'leaking', evidence: { logOdds } };
  return {
    ...evidence,
    // What is put together here is the gate's own.
    detectors: evidence.detectors.map((one) =>
      one.name === 'combined' ? { ...one, ...combined, reason: `verdict: ${verdict.verdict}` } : one,
    ),
    verdict: verdict.verdict,
    score: known ? score : null,
    logOdds,
    peakScore: known ? score : null,
    peakAtMs: known ? (decisive?.trend.toMs ?? null) : null,
    kind,
    kindReason,
    confirmation,
    ratePerHourBytes,
    rateInterval,
    sinceMs: grows ? (decisive?.trend.fromMs ?? null) : null,
    growth: decisive !== null && ratePerHourBytes !== null ? growthOf(decisive, ratePerHourBytes) : null,
    reason,
  };
}

function growthOf({ trend }: WatchTrend, ratePerHourBytes: number): GrowthEstimate {
  // Half of an 80 % interval is 1.28 standard errors.
  const rateErrorPerHourBytes = Math.max(0, trend.highPerHour - trend.lowPerHour) / 2.56;
  const { fromMs, toMs, last } = trend;
  return { sinceMs: fromMs, atMs: toMs, levelBytes: last, ratePerHourBytes, rateErrorPerHourBytes, noiseBytes: 0 };
}

function known(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) && value >= 0 ? value : null;
}
