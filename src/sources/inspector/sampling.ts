import { RampartError } from '../../model/index.ts';
import type { Door } from './door.ts';
import { evaluate, field, figure, type Load } from './evaluate.ts';
import { parseProfile, type LiveProfile } from './profile.ts';

/** How the probe inside the process goes about it. */
interface Asked {
  readonly durationMs: number;
  /** How long allocation is measured before an interval is chosen: some ten slices of a busy event loop. */
  readonly rateMs: number;
  readonly maxSamplesPerSecond: number;
  readonly minInterval: number;
  readonly maxInterval: number;
  readonly stackDepth: number;
  /** The first part warms up: what is allocated once and kept is in the first profile already. */
  readonly firstShare: number;
  readonly maxPauseShare: number;
  readonly maxStretch: number;
  /** If we never come back, all of it goes away by itself this long after its end. */
  readonly spareMs: number;
}

const PLAN: Omit<Asked, 'durationMs'> = {
  rateMs: 400,
  // A sample costs a stack walk of about 15 µs: 200 of them a second are 0.3 % of a core, whatever the process allocates.
  // (V8 itself takes one in 512 KiB by default, its inspector one in 32 KiB.)
  maxSamplesPerSecond: 200,
  minInterval: 8 * 1024,
  maxInterval: 4 * 1024 * 1024,
  stackDepth: 24,
  firstShare: 0.34,
  // Each of the two readings stops the process for a full collection, and slows it down for as long again while V8 sweeps.
  // A larger heap is watched for longer instead, within reason.
  maxPauseShare: 0.02,
  maxStretch: 4,
  spareMs: 15_000,
};

interface Probe {
  readonly told: () => unknown;
  readonly end: () => void;
}

/**
 * Runs inside the process, with no port open: measures what is allocated, chooses an interval, samples with V8's heap
 * profiler in a session of its own, and reads it twice. Reading collects first, so that only what is alive is in it.
 */
const begin = (load: Load, asked: Asked): unknown => {
  const { Session } = load('inspector');
  const v8 = load('v8');
  const key = Symbol.for('rampart.sampling');
  const kept = globalThis as unknown as Record<symbol, Probe | undefined>;
  kept[key]?.end();

  const session = new Session();
  const profiles: unknown[] = [];
  const timers: NodeJS.Timeout[] = [];
  const later = (work: () => void, ms: number): void => {
    const timer = setTimeout(work, ms);
    timer.unref();
    timers.push(timer);
  };
  const end = (): void => {
    for (const timer of timers) clearTimeout(timer);
    session.disconnect();
    delete kept[key];
  };

  let startedMs = 0;
  const read = (): number => {
    const beganMs = performance.now();
    let profile: unknown = null;
    session.post('HeapProfiler.getSamplingProfile', (error, answer) => {
      if (error === null) profile = answer.profile;
    });
    const pauseMs = performance.now() - beganMs;
    profiles.push({ profile, atMs: beganMs - startedMs, pauseMs });
    return pauseMs;
  };
  const sample = (bytesPerSecond: number): void => {
    const wanted = bytesPerSecond / asked.maxSamplesPerSecond;
    const samplingInterval = Math.round(Math.min(asked.maxInterval, Math.max(asked.minInterval, wanted)));
    session.connect();
    session.post('HeapProfiler.startSampling', { samplingInterval, stackDepth: asked.stackDepth } as object);
    startedMs = performance.now();
    later(() => {
      const pauseMs = read();
      const needMs = (2 * pauseMs) / asked.maxPauseShare;
      const wholeMs = Math.min(asked.durationMs * asked.maxStretch, Math.max(asked.durationMs, needMs));
      later(
        () => {
          read();
          session.post('HeapProfiler.stopSampling');
        },
        startedMs + wholeMs - performance.now(),
      );
      dueMs = startedMs + wholeMs;
    }, asked.durationMs * asked.firstShare);
  };

  const beganMs = performance.now();
  let dueMs = beganMs + asked.rateMs + asked.durationMs;
  let used = v8.getHeapStatistics().used_heap_size;
  let allocated = 0;
  const measure = (): void => {
    const now = v8.getHeapStatistics().used_heap_size;
    if (now > used) allocated += now - used;
    used = now;
    const sinceMs = performance.now() - beganMs;
    if (sinceMs < asked.rateMs) later(measure, 10);
    else sample((allocated / sinceMs) * 1000);
  };
  measure();
  later(end, asked.rateMs + asked.durationMs * asked.maxStretch + asked.spareMs);
  const told = (): unknown =>
    profiles.length < 2 ? { waitMs: Math.max(50, dueMs - performance.now()) } : { waitMs: 0, profiles };
  Object.defineProperty(globalThis, key, { value: { told, end }, configurable: true, enumerable: false });
  return null;
};

const fetchProfiles = (): unknown => {
  const probe = (globalThis as unknown as Record<symbol, Probe | undefined>)[Symbol.for('rampart.sampling')];
  const told = probe?.told() as { waitMs: number } | undefined;
  if (told?.waitMs === 0) probe?.end();
  return told ?? null;
};

/** A busy process runs its timers late. */
const MAX_FETCHES = 20;
const FETCH_TIMEOUT_MS = 60_000;

/** Two profiles of what is alive of all that was allocated since the first moment. */
export async function sampleHeap(
  door: Door,
  durationMs: number,
  onProgress: (doneMs: number) => void,
): Promise<readonly LiveProfile[]> {
  await evaluate(door.cdp(), begin, { ...PLAN, durationMs });
  const beganMs = performance.now();
  const tell = (): void => onProgress(Math.min(durationMs, performance.now() - beganMs));
  const timer = setInterval(tell, PROGRESS_MS);
  try {
    await door.away(PLAN.rateMs + durationMs);
    for (let fetches = 0; fetches < MAX_FETCHES; fetches += 1) {
      const told = await evaluate(door.cdp(), fetchProfiles, null, FETCH_TIMEOUT_MS);
      const profiles = field(told, 'profiles');
      if (Array.isArray(profiles)) return profiles.slice(0, 2).map(parseProfile);
      const waitMs = figure(field(told, 'waitMs'));
      if (waitMs === null) break;
      await door.away(Math.min(waitMs + LATE_MS, durationMs * PLAN.maxStretch));
    }
  } finally {
    clearInterval(timer);
  }
  throw new RampartError(
    'timeout',
    'the process did not finish its profile in time',
    'It is too busy to run its timers: try again later, or for longer.',
  );
}

const PROGRESS_MS = 1_000;
/** What a reading takes after its time has come. */
const LATE_MS = 250;
