/**
 * Flap detection as Nagios has it: the last 21 states, and the share of changes among the 20 pairs, newer ones weighing
 * more (.8 … 1.2). Flapping begins at 20 % and ends below 5 % (Nagios Core's defaults for services).
 */
export interface Ring {
  /** The newest state in bit 0. */
  readonly bits: number;
  readonly count: number;
  readonly sampledAtMs: number;
}

const SIZE = 21;
const BEGIN = 0.2;
const END = 0.05;
const OLDEST_WEIGHT = 0.8;
const NEWEST_WEIGHT = 1.2;

export const emptyRing = (atMs: number): Ring => ({ bits: 0, count: 0, sampledAtMs: atMs });

/** One state more, if the last is at least `everyMs` old: a ring of looks ten seconds apart would span three minutes. */
export function sampled(ring: Ring, isOn: boolean, atMs: number, everyMs: number): Ring {
  if (ring.count > 0 && atMs - ring.sampledAtMs < everyMs) return ring;
  const bits = ((ring.bits << 1) | (isOn ? 1 : 0)) & ((1 << SIZE) - 1);
  return { bits, count: Math.min(SIZE, ring.count + 1), sampledAtMs: atMs };
}

/** Weighted share of changes, 0 … 1. States that were never seen count as no change. */
export function changeShare({ bits, count }: Ring): number {
  let changes = 0;
  for (let back = 0; back + 1 < count; back += 1) {
    const changed = ((bits >> back) & 1) !== ((bits >> (back + 1)) & 1);
    if (changed) changes += NEWEST_WEIGHT - ((NEWEST_WEIGHT - OLDEST_WEIGHT) * back) / (SIZE - 2);
  }
  return changes / (SIZE - 1);
}

export function flaps(ring: Ring, flapped: boolean): boolean {
  return changeShare(ring) >= (flapped ? END : BEGIN);
}
