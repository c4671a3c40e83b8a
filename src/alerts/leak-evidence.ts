import type { AlertLevel, LeakFinding, ObservedProcess } from '../model/index.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** What makes a leak worth telling although it harms nobody within the hour: shared by all rules about leaks. */
export const LEAK_OPTIONS = {
  logOdds: {
    value: 1.5,
    unit: 'count',
    reason:
      'weight of evidence; the verdict begins at .5. Caches, batches and conversations that grow straight are called leaking for an hour or two; on two simulated days none of them passed 1.4, while leaks rose to 4 and more',
  },
  largeBytes: { value: 1024 * MIB, unit: 'bytes', reason: 'so much gained is worth a look, even if it were a cache' },
  minRate: {
    value: 4 * MIB,
    unit: 'bytes-per-hour',
    reason: 'below 100 MiB a day no call is due, and the wear of an allocator looks the same; `rampart leaks` lists it',
  },
} as const;

type LeakOptions = Readonly<Record<keyof typeof LEAK_OPTIONS, number>>;

/** Large enough by itself, or surely a leak and fast enough to matter. */
export function isTellable(finding: LeakFinding, { logOdds, largeBytes, minRate }: LeakOptions): boolean {
  if (gainedBytes(finding) >= largeBytes) return true;
  return finding.logOdds >= logOdds && (isCounted(finding) || (finding.ratePerHourBytes ?? minRate) >= minRate);
}

/** What was gained since the growth began. */
export function gainedBytes({ growth }: LeakFinding): number {
  return growth === null ? 0 : (growth.ratePerHourBytes * (growth.atMs - growth.sinceMs)) / HOUR_MS;
}

/** Threads, open files and children are counted: how much memory goes with them is not the point. */
const isCounted = ({ kind }: LeakFinding): boolean =>
  kind === 'threads' || kind === 'descriptors' || kind === 'children';

/**
 * How bad it can get when a process meets the limit that binds it. At a limit of its own it dies alone: a server or a tool
 * is started anew, an agent takes its work with it. Only the machine's limit is an emergency.
 */
export function worstOf({ limit, role }: ObservedProcess): AlertLevel {
  if (limit === null || limit.kind === 'host-memory') return 'emergency';
  return role === 'agent' ? 'critical' : 'warning';
}
