import { PROBE_URL } from './evaluate.ts';
import type { LiveProfile, LiveSite, RawPlace } from './profile.ts';

/** A function whose live bytes grew between the first profile and the last. */
export interface GrowingFunction {
  readonly place: RawPlace;
  readonly growthBytes: number;
  /** Of all growth, 0–1. */
  readonly share: number;
  readonly liveBytes: number;
  readonly ratePerHourBytes: number;
  /** Of the call path that grew most. */
  readonly stack: readonly RawPlace[];
}

/** More than that nobody reads, and the tail is noise of sampling. */
const MAX_CULPRITS = 10;
const HOUR_MS = 3_600_000;

/**
 * Ranks functions by growth of live bytes. Live sizes are of sampled objects, scaled up by V8 so that they estimate all.
 * What is allocated once and kept is in the first profile already, and what is churned is as large in both: neither grows.
 */
export function rankGrowth(profiles: readonly LiveProfile[]): readonly GrowingFunction[] {
  const [first, last] = [profiles[0], profiles.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const before = byFunction(first.sites);
  const after = byFunction(last.sites);
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const grown = [...after].flatMap(([key, { place, bytes, paths }]) => {
    const growthBytes = bytes - (before.get(key)?.bytes ?? 0);
    return growthBytes > 0
      ? [{ place, growthBytes, liveBytes: bytes, stack: steepest(paths, before.get(key)?.paths) }]
      : [];
  });
  const total = grown.reduce((sum, { growthBytes }) => sum + growthBytes, 0);
  return grown
    .sort((a, b) => b.growthBytes - a.growthBytes)
    .slice(0, MAX_CULPRITS)
    .map((one) => ({
      ...one,
      share: one.growthBytes / total,
      ratePerHourBytes: (one.growthBytes / spanMs) * HOUR_MS,
    }));
}

interface Sum {
  readonly place: RawPlace;
  bytes: number;
  readonly paths: Map<string, { readonly stack: readonly RawPlace[]; bytes: number }>;
}

function byFunction(sites: readonly LiveSite[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { place, selfBytes, stack } of sites) {
    const frames = [place, ...stack];
    // Reading the profile allocates, too.
    if (frames.some(({ file }) => file === 'node:inspector' || file === PROBE_URL)) continue;
    // What V8 and Node's own modules allocate is charged to the program's function that called them.
    const own = frames.findIndex(({ file }) => file !== '' && !file.startsWith('node:'));
    const at =
      own >= 0
        ? own
        : Math.max(
            0,
            frames.findIndex(({ file }) => file !== ''),
          );
    const blamed = frames[at] ?? place;
    const callers = frames.slice(at + 1);
    const key = keyOf(blamed);
    const sum = sums.get(key) ?? { place: blamed, bytes: 0, paths: new Map() };
    sums.set(key, sum);
    sum.bytes += selfBytes;
    const path = callers.map(keyOf).join('\n');
    const known = sum.paths.get(path) ?? { stack: callers, bytes: 0 };
    sum.paths.set(path, known);
    known.bytes += selfBytes;
  }
  return sums;
}

/** Of all ways to a function, the one whose live bytes grew most. */
function steepest(after: Sum['paths'], before: Sum['paths'] | undefined): readonly RawPlace[] {
  let best: readonly RawPlace[] = [];
  let most = Number.NEGATIVE_INFINITY;
  for (const [path, { stack, bytes }] of after) {
    const growth = bytes - (before?.get(path)?.bytes ?? 0);
    if (growth > most) [most, best] = [growth, stack];
  }
  return best;
}

const keyOf = ({ functionName, file, line, column }: RawPlace): string => `${file}:${line}:${column}:${functionName}`;
