import { type History, openHistory } from '../../../src/history/index.ts';
import type { Store } from '../../../src/model/index.ts';
import { type FakeClock, T0 } from './fake-clock.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const PAGE = 4096;

/** Six samples a minute of each subject; the value is the number of the minute. Returns how many each got. */
export async function feed(
  history: History,
  clock: FakeClock,
  minutes: number,
  subjects: readonly string[],
): Promise<number> {
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let look = 0; look < 6; look += 1) {
      clock.advance(10_000);
      for (const subject of subjects) history.append(subject, 'rssBytes', clock.nowMs(), minute * PAGE);
    }
    await history.flush();
  }
  return minutes * 6;
}

export async function countOf(history: History, subject: string, fromMs = 0, toMs = T0 * 2): Promise<number> {
  const { buckets } = await history.query({ subject, metric: 'rssBytes', fromMs, toMs, maxPoints: 1 });
  return buckets[0]?.count ?? 0;
}

export async function kinds(store: Store): Promise<string> {
  const names = (await store.list()).map(({ name }) => name.slice(0, 3));
  return names.toSorted().join(' ');
}

export const open = (store: Store, clock: FakeClock, options = {}): Promise<History> =>
  openHistory({ store, clock, flushIntervalMs: 0, ...options });
