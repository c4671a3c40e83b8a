import type { AlertLevel } from '../model/index.ts';

/** Mildest first. */
export const LEVELS: readonly AlertLevel[] = ['warning', 'critical', 'emergency'];

/** 0 for none, 1 … 3. */
export const rank = (level: AlertLevel | null): number => (level === null ? 0 : LEVELS.indexOf(level) + 1);

export const isWorse = (a: AlertLevel | null, b: AlertLevel | null): boolean => rank(a) > rank(b);

export const worst = (levels: Iterable<AlertLevel | null>): AlertLevel | null => {
  let found: AlertLevel | null = null;
  for (const level of levels) if (isWorse(level, found)) found = level;
  return found;
};

export const milder = (a: AlertLevel | null, b: AlertLevel | null): AlertLevel | null => (isWorse(a, b) ? b : a);

/** A figure for each level. */
export type Levels = Readonly<Record<AlertLevel, number>>;

/**
 * The level of a figure that is worse when it is higher. A level is entered at `enter` and left only below `exit`, so that a
 * figure at the edge does not flap.
 */
export function levelAbove(value: number, enter: Levels, exit: Levels, before: AlertLevel | null): AlertLevel | null {
  let found: AlertLevel | null = null;
  for (const level of LEVELS) {
    if (value >= enter[level] || (rank(level) <= rank(before) && value >= exit[level])) found = level;
  }
  return found;
}

/** The same for a figure that is worse when it is lower, such as time left. */
export function levelBelow(value: number, enter: Levels, exit: Levels, before: AlertLevel | null): AlertLevel | null {
  return levelAbove(
    -value,
    mapLevels(enter, (each) => -each),
    mapLevels(exit, (each) => -each),
    before,
  );
}

export function mapLevels(levels: Levels, by: (value: number) => number): Levels {
  return { warning: by(levels.warning), critical: by(levels.critical), emergency: by(levels.emergency) };
}
