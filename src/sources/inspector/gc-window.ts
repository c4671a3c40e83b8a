import type { GcStatistics } from '../../model/index.ts';
import type { Door } from './door.ts';
import { evaluate, field, figure, type Load } from './evaluate.ts';

/** If we never come back, the observer goes away by itself this long after its window. */
const SPARE_MS = 10_000;

/** Runs inside the process: counts collections until it is read, or until its time is up. */
const begin = (load: Load, lifeMs: number): unknown => {
  const { PerformanceObserver, constants } = load('perf_hooks');
  const names: Record<number, string> = {
    [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
    [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
    [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
    [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak-callbacks',
  };
  const fromMs = performance.now();
  const counts: Record<string, { count: number; totalMs: number; maxMs: number }> = {};
  const add = (
    entries: readonly { readonly duration: number; readonly detail?: unknown; readonly startTime: number }[],
  ) => {
    for (const { duration, detail, startTime } of entries) {
      if (startTime < fromMs) continue;
      const name = names[(detail as { kind: number }).kind] ?? 'minor';
      const kind = (counts[name] ??= { count: 0, totalMs: 0, maxMs: 0 });
      kind.count += 1;
      kind.totalMs += duration;
      kind.maxMs = Math.max(kind.maxMs, duration);
    }
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  const key = Symbol.for('rampart.gc-window');
  const kept = globalThis as unknown as Record<symbol, (() => unknown) | undefined>;
  kept[key]?.();
  const end = (): unknown => {
    add(observer.takeRecords());
    observer.disconnect();
    clearTimeout(timer);
    delete kept[key];
    return { windowMs: performance.now() - fromMs, counts };
  };
  const timer = setTimeout(end, lifeMs);
  timer.unref();
  Object.defineProperty(globalThis, key, { value: end, configurable: true, enumerable: false });
  return null;
};

const end = (): unknown =>
  (globalThis as unknown as Record<symbol, (() => unknown) | undefined>)[Symbol.for('rampart.gc-window')]?.() ?? null;

/** Collections of the main thread inside a window. The inspector is closed meanwhile. */
export async function watchCollections(door: Door, windowMs: number): Promise<GcStatistics> {
  await evaluate(door.cdp(), begin, windowMs + SPARE_MS);
  await door.away(windowMs);
  const told = await evaluate(door.cdp(), end, null);
  const seenMs = Math.max(1, figure(field(told, 'windowMs')) ?? windowMs);
  const counts = field(told, 'counts');
  const kind = (name: string) => {
    const raw = field(counts, name);
    return {
      count: figure(field(raw, 'count')) ?? 0,
      totalMs: figure(field(raw, 'totalMs')) ?? 0,
      maxMs: figure(field(raw, 'maxMs')) ?? 0,
    };
  };
  const byKind = {
    minor: kind('minor'),
    major: kind('major'),
    incremental: kind('incremental'),
    'weak-callbacks': kind('weak-callbacks'),
  };
  const totalMs = Object.values(byKind).reduce((sum, one) => sum + one.totalMs, 0);
  return { windowMs: Math.round(seenMs), byKind, share: Math.min(1, totalMs / seenMs) };
}
