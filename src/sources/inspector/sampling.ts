import type { Door } from './door.ts';
import { evaluate, field, figure, type Load } from './evaluate.ts';
import { parseProfile, type LiveProfile } from './profile.ts';

/** If we never come back, the sampling ends by itself this long after its time. */
const SPARE_MS = 15_000;
/** How long allocation is measured before an interval is chosen: some ten slices of a busy event loop. */
const RATE_WINDOW_MS = 400;
/**
 * A sample costs a stack walk of about 15 µs. 500 of them a second are under 1 % of a core, whatever the process
 * allocates; V8's own default is one in 512 KiB, that of its inspector one in 32 KiB.
 */
const MAX_SAMPLES_PER_SECOND = 500;
const MIN_INTERVAL_BYTES = 8 * 1024;
const MAX_INTERVAL_BYTES = 4 * 1024 * 1024;
/** Reading forces a collection of the whole heap. */
const READ_TIMEOUT_MS = 60_000;
const STACK_DEPTH = 24;

/** Runs inside the process: what it allocates, by the rises of its used heap. */
const beginRate = (load: Load, lifeMs: number): unknown => {
  const v8 = load('v8');
  const fromMs = performance.now();
  let last = v8.getHeapStatistics().used_heap_size;
  let sum = 0;
  const timer = setInterval(() => {
    const now = v8.getHeapStatistics().used_heap_size;
    if (now > last) sum += now - last;
    last = now;
  }, 10);
  timer.unref();
  const key = Symbol.for('rampart.rate');
  const kept = globalThis as unknown as Record<symbol, unknown>;
  const end = (): unknown => {
    clearInterval(timer);
    clearTimeout(life);
    delete kept[key];
    return { bytes: sum, ms: performance.now() - fromMs };
  };
  const life = setTimeout(end, lifeMs);
  life.unref();
  Object.defineProperty(globalThis, key, { value: end, configurable: true, enumerable: false });
  return null;
};

const endRate = (): unknown =>
  (globalThis as unknown as Record<symbol, (() => unknown) | undefined>)[Symbol.for('rampart.rate')]?.() ?? null;

/**
 * Runs inside the process: V8's sampling heap profiler in a session of its own, which needs no open port. Reading it
 * collects first, so that only what is alive is in it.
 */
const beginSampling = (load: Load, asked: { interval: number; depth: number; lifeMs: number }): unknown => {
  const { Session } = load('inspector');
  const key = Symbol.for('rampart.sampling');
  const kept = globalThis as unknown as Record<symbol, { end: () => void } | undefined>;
  kept[key]?.end();
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.startSampling', { samplingInterval: asked.interval, stackDepth: asked.depth } as object);
  const fromMs = performance.now();
  const read = (): unknown => {
    const beganMs = performance.now();
    let profile: unknown = null;
    session.post('HeapProfiler.getSamplingProfile', (error, answer) => {
      if (error === null) profile = answer.profile;
    });
    return { profile, atMs: beganMs - fromMs, pauseMs: performance.now() - beganMs };
  };
  const end = (): void => {
    clearTimeout(life);
    session.disconnect();
    delete kept[key];
  };
  const life = setTimeout(end, asked.lifeMs);
  life.unref();
  Object.defineProperty(globalThis, key, { value: { read, end }, configurable: true, enumerable: false });
  return null;
};

const readSampling = (_: Load, isLast: boolean): unknown => {
  const kept = globalThis as unknown as Record<symbol, { read: () => unknown; end: () => void } | undefined>;
  const sampling = kept[Symbol.for('rampart.sampling')];
  const told = sampling?.read() ?? null;
  if (isLast) sampling?.end();
  return told;
};

/** Profiles of what is alive of all that was allocated since the first moment, at several moments. */
export async function sampleHeap(
  door: Door,
  durationMs: number,
  onProgress: (doneMs: number) => void,
): Promise<readonly LiveProfile[]> {
  await evaluate(door.cdp(), beginRate, RATE_WINDOW_MS + SPARE_MS);
  await door.away(RATE_WINDOW_MS);
  const rate = await evaluate(door.cdp(), endRate, null);
  const perSecond = ((figure(field(rate, 'bytes')) ?? 0) / Math.max(1, figure(field(rate, 'ms')) ?? 1)) * 1000;
  const asked = { interval: intervalFor(perSecond), depth: STACK_DEPTH, lifeMs: durationMs + SPARE_MS };
  await evaluate(door.cdp(), beginSampling, asked);
  const profiles: LiveProfile[] = [];
  let doneMs = 0;
  for (const share of READ_AT) {
    const pieceMs = durationMs * share - doneMs;
    await waitAway(door, pieceMs, (ms) => onProgress(doneMs + ms));
    doneMs += pieceMs;
    profiles.push(parseProfile(await evaluate(door.cdp(), readSampling, share === 1, READ_TIMEOUT_MS)));
  }
  return profiles;
}

/** The first third warms up: what is allocated once and kept is in the first profile already. */
const READ_AT = [0.34, 1] as const;

export function intervalFor(bytesPerSecond: number): number {
  const interval = bytesPerSecond / MAX_SAMPLES_PER_SECOND;
  return Math.round(Math.min(MAX_INTERVAL_BYTES, Math.max(MIN_INTERVAL_BYTES, interval)));
}

const PROGRESS_MS = 1_000;

async function waitAway(door: Door, ms: number, onProgress: (doneMs: number) => void): Promise<void> {
  const fromMs = performance.now();
  const timer = setInterval(() => onProgress(Math.min(ms, performance.now() - fromMs)), PROGRESS_MS);
  try {
    await door.away(ms);
  } finally {
    clearInterval(timer);
  }
}
