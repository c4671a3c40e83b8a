import type { LearnedThreshold, Observation, ProcessKey } from '../../model/index.ts';
import { noSketch, push, sketchQuantile, type Sketch } from './usual.ts';

/** A figure whose usual level is learned for each role, with the bounds that learning may not leave. */
interface UsualMetric {
  readonly metric: LearnedThreshold['metric'];
  readonly quantile: number;
  /** Above the quantile by this factor: at the quantile itself every hundredth look of a healthy process would be over. */
  readonly margin: number;
  readonly floor: number;
  readonly ceiling: (observation: Observation) => number;
  readonly reason: string;
}

const MIB = 1024 * 1024;

const METRICS: readonly UsualMetric[] = [
  {
    metric: 'footprintBytes',
    quantile: 0.99,
    margin: 1.25,
    // A bare Node program with a small server needs about as much: below it nothing is worth an alarm.
    floor: 64 * MIB,
    // Whatever a role is used to: half of what the host has is not usual for one process.
    ceiling: ({ limit }) => limit.limitBytes / 2,
    reason: 'the 99th percentile of the role, and a quarter more',
  },
  {
    metric: 'cpuPercent',
    quantile: 0.99,
    margin: 1.5,
    // Collecting garbage all the time shows as half a core or more.
    floor: 50,
    ceiling: ({ host }) => host.cpuCount * 100,
    reason: 'the 99th percentile of the role, and half as much again',
  },
];

/** Before so many looks of a role a high quantile says nothing: P99 needs a hundred values, and a day has its course. */
const MIN_SAMPLES = 500;
/** One look in a minute: what a process uses a second later is no news. */
const SPACING_MS = 60_000;
/** Start-up and warm-up are not usual: Claude-Flow takes 70–125 MB more on first use. */
const WARM_UP_MS = 10 * 60_000;
/**
 * So many looks above the threshold of its role a process teaches nothing by: a hundredth of all looks moves P99, so that a
 * single large process would be usual within minutes. Half a day is long enough for somebody to have seen the alert; what
 * goes on beyond that is the new usual.
 */
const UNUSUAL_LOOKS = 720;
/** Roles beyond this are forgotten, the longest unseen first: 256 × 2 sketches are about half a megabyte. */
const MAX_ROLES = 256;

interface UsualRole {
  readonly role: string;
  readonly sketches: Record<string, Sketch>;
  readonly ceilings: Record<string, number>;
  seenAtMs: number;
  /** How many processes taught. */
  processes: number;
}

/** Plain data, kept on disk. */
export interface UsualState {
  readonly atMs: number;
  readonly roles: readonly UsualRole[];
}

/** In memory. Role names are others' text: a map has no `__proto__`. */
export interface Usual {
  atMs: number;
  readonly roles: Map<string, UsualRole>;
  /** Looks at which each live process was above the threshold of its role. Not kept: after a restart it counts anew. */
  over: Map<ProcessKey, number>;
  /** The live processes that taught. */
  taught: Set<ProcessKey>;
}

export const openUsual = ({ atMs, roles }: UsualState): Usual => ({
  atMs,
  roles: new Map(roles.map((one) => [one.role, one])),
  over: new Map(),
  taught: new Set(),
});

/** Learns from one look. What leaks, or belongs to nobody, teaches nothing: it would make its own fault usual. */
export function observeUsual(state: Usual, observation: Observation): void {
  const { atMs } = observation;
  // A clock that was set back must not stop learning for ever.
  if (atMs >= state.atMs && atMs - state.atMs < SPACING_MS) return;
  state.atMs = atMs;
  const sizes = thresholdsOf(state).filter(({ metric }) => metric === 'footprintBytes');
  const unusual = new Map(sizes.map(({ role, value }) => [role, value]));
  const over = new Map<ProcessKey, number>();
  const taught = new Set<ProcessKey>();
  for (const process of observation.processes) {
    const { id, leak, lifecycle, startedAtMs, experience } = process;
    const looksBefore = state.over.get(id) ?? 0;
    if (looksBefore > 0) over.set(id, looksBefore);
    if (state.taught.has(id)) taught.add(id);
    if (leak !== null && (leak.verdict === 'leaking' || leak.verdict === 'suspected')) continue;
    if (lifecycle === 'orphan' || lifecycle === 'zombie' || lifecycle === 'duplicate') continue;
    if (startedAtMs === null || atMs - startedAtMs < WARM_UP_MS) continue;
    const role = state.roles.get(experience) ?? {
      role: experience,
      sketches: {},
      ceilings: {},
      seenAtMs: atMs,
      processes: 0,
    };
    state.roles.set(experience, role);
    role.seenAtMs = atMs;
    if (!taught.has(id)) role.processes += 1;
    taught.add(id);
    const isOver = process.footprintBytes >= (unusual.get(experience) ?? Number.POSITIVE_INFINITY);
    const looksOver = looksBefore + (isOver ? 1 : 0);
    if (looksOver > 0) over.set(id, looksOver);
    for (const { metric, ceiling } of METRICS) {
      const value = metric === 'footprintBytes' ? process.footprintBytes : process.cpuPercent;
      const isFault = metric === 'footprintBytes' && isOver && looksOver <= UNUSUAL_LOOKS;
      if (value !== null && !isFault) push((role.sketches[metric] ??= noSketch(atMs)), value, atMs);
      role.ceilings[metric] = ceiling(observation);
    }
  }
  state.over = over;
  state.taught = taught;
  if (state.roles.size <= MAX_ROLES) return;
  const byAge = [...state.roles.values()].toSorted((a, b) => a.seenAtMs - b.seenAtMs);
  for (const { role } of byAge.slice(0, state.roles.size - MAX_ROLES)) state.roles.delete(role);
}

/** Thresholds that rest on enough looks, of one role or of all; roles without enough are not in it. */
export function thresholdsOf(state: Usual, role?: string): LearnedThreshold[] {
  return [...state.roles.values()].flatMap(({ role: name, sketches, ceilings, processes }) => {
    if (role !== undefined && role !== name) return [];
    return METRICS.flatMap(({ metric, quantile, margin, floor, reason }) => {
      const sketch = sketches[metric];
      const usual = sketch === undefined || sketch.samples < MIN_SAMPLES ? null : sketchQuantile(sketch, quantile);
      if (sketch === undefined || usual === null) return [];
      const ceiling = Math.max(floor, ceilings[metric] ?? Number.MAX_VALUE);
      const value = Math.min(ceiling, Math.max(floor, usual * margin));
      return [{ role: name, metric, value, floor, ceiling, samples: sketch.samples, processes, reason }];
    });
  });
}
