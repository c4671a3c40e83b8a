import { BASELINES } from '../leaks/baselines.ts';
import type { Watcher } from '../leaks/watchers.ts';
import type { Day } from './model.ts';
import type { Call } from './score.ts';

const SEED_COMBINED = BASELINES[1]!;

/**
 * The original's rules on the same day: total less free memory (page cache is use) at 75, 85 and 95 %, its combined leak
 * score per process at its "detected" level, and its cooldown of 60, 30 and 10 s for each kind of alert. It only ever watched its own
 * process; here it watches them all.
 */
export function createSeed(day: Day): { look(tS: number): Call[] } {
  const watchers = new Map<string, Watcher>();
  const quietUntil = new Map<string, number>();
  const say = (
    calls: Call[],
    tS: number,
    about: string,
    level: 'warning' | 'critical' | 'emergency',
    text: string,
  ): void => {
    const key = `${about} ${level}`;
    if (tS < (quietUntil.get(key) ?? 0)) return;
    quietUntil.set(key, tS + { warning: 60, critical: 30, emergency: 10 }[level]);
    calls.push({ tS, about: [about], kind: 'firing', text });
  };
  return {
    look(tS) {
      const calls: Call[] = [];
      // Page cache takes what is free within the first hours, as on any machine that works with files.
      const cache = (day.memoryTotalBytes - day.usedBytes) * Math.min(0.9, 0.5 + tS / 36_000);
      const used = (day.usedBytes + cache) / day.memoryTotalBytes;
      if (used >= 0.95) say(calls, tS, 'host-memory', 'emergency', 'memory usage');
      else if (used >= 0.85) say(calls, tS, 'host-memory', 'critical', 'memory usage');
      else if (used >= 0.75) say(calls, tS, 'host-memory', 'warning', 'memory usage');
      for (const process of day.live) {
        let watcher = watchers.get(process.id);
        if (watcher === undefined) watchers.set(process.id, (watcher = SEED_COMBINED.start(undefined as never)));
        watcher.push({ tS, rssBytes: day.bytesOf(process, tS), swapBytes: null, load: null });
        if (watcher.alarming()) say(calls, tS, process.id, 'critical', 'leak');
      }
      return calls;
    },
  };
}
