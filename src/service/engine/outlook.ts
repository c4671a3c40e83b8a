import { hostLimit } from '../../limits/index.ts';
import type { HostSample, Observation, ObservedFile, ObservedSession, ProcessKey } from '../../model/index.ts';
import { createHostOutlook } from './host-outlook.ts';
import { SERVICE_PACE, type LeakWatch, type WatchedLeak } from '../leaks/watch.ts';
import { observation, type ObservationInput } from './observe.ts';
import type { ReportRow } from '../../sessions/index.ts';
import { createSessionLeaks } from '../leaks/sessions.ts';
import type { WorldRow } from './world.ts';

/** What an observation holds beyond the rows: where the host is heading, the growth of sessions, leaks, and files. */
export interface Outlook {
  sweep(host: HostSample): void;
  look(rows: ReadonlyMap<ProcessKey, WorldRow>, atMs: number): void;
  observe(seen: Seen): Promise<Observation>;
}

type Seen = Omit<ObservationInput, 'hostForecast' | 'leaks' | 'sessionLeaks' | 'files' | 'rows'> & {
  /** Most of a machine is neither an agent's nor watched: what is left out here costs nothing. */
  readonly rows: (isWanted: (row: WorldRow) => boolean) => Promise<readonly ReportRow[]>;
};

export interface OutlookDeps {
  readonly leaks: Pick<LeakWatch, 'review' | 'watched'>;
  /** See `LeakPace`. */
  readonly reviewMs?: number | undefined;
  readonly readFiles?:
    | ((sessions: readonly ObservedSession[], atMs: number) => Promise<readonly ObservedFile[]>)
    | undefined;
}

/** A verdict takes some 15 µs: in this time for each process they stay below 0.01 % of a core, 1000 within 200 s. */
const REVIEW_MS_PER_PROCESS = 200;

export const reviewIntervalMs = (watched: number, leastMs = SERVICE_PACE.reviewMs): number =>
  Math.max(leastMs, watched * REVIEW_MS_PER_PROCESS);

export function createOutlook({ leaks, readFiles, reviewMs }: OutlookDeps): Outlook {
  const host = createHostOutlook();
  const sessions = createSessionLeaks();
  let reviewedAtMs = Number.NEGATIVE_INFINITY;
  let reviewed: readonly WatchedLeak[] = [];
  let sessionLeaks: ReadonlyMap<string, ObservedSession['leak']> = new Map();

  const review = (seen: Seen): void => {
    if (Math.abs(seen.atMs - reviewedAtMs) < reviewIntervalMs(leaks.watched, reviewMs)) return;
    reviewedAtMs = seen.atMs;
    reviewed = leaks.review(seen.atMs);
    sessionLeaks = sessions.review(hostLimit(seen.host), seen.atMs);
  };

  return {
    sweep: (sample) => host.push(sample),
    look: (rows, atMs) => sessions.look(rows.values(), atMs),
    observe: async (seen) => {
      review(seen);
      const keys = new Set(reviewed.map(({ key }) => key));
      const rows = await seen.rows(({ attribution, sample }) => attribution.role !== 'other' || keys.has(sample.key));
      const rest = { hostForecast: host.forecast(seen.host), leaks: reviewed, sessionLeaks };
      const observed = observation({ ...seen, ...rest, rows, files: [] });
      const files = (await readFiles?.(observed.sessions, seen.atMs)) ?? [];
      return { ...observed, files };
    },
  };
}
