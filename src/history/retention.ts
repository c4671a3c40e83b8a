import type { HistoryFile } from './files.ts';

export interface Retention {
  /** Nothing older is kept, ms. */
  readonly maxAgeMs: number;
  /** All files together, bytes. */
  readonly maxBytes: number;
  /** Single samples are kept this long; older ones only as the least, mean and greatest of each minute. */
  readonly rawMaxAgeMs: number;
}

const DAY_MS = 86_400_000;

/**
 * A month of minutes and two days of single samples: what one asks of last week is a trend, what one asks of yesterday
 * is a moment. 64 MiB hold all of that for the processes of a workstation, and two days and three weeks for 1000 busy
 * series (docs/history.md).
 */
export const DEFAULT_RETENTION: Retention = {
  maxAgeMs: 30 * DAY_MS,
  maxBytes: 64 * 1024 * 1024,
  rawMaxAgeMs: 2 * DAY_MS,
};

/** Raw tables may take this share before anything coarse is given up: a week of minutes is worth more than a third day. */
const RAW_SHARE = 0.5;

/**
 * Which files to give up, worst first. By age only when `byAge`: after the clock leapt ahead, everything looks old.
 * By size: raw tables beyond their share, oldest first; then coarse tables whose raw one is gone; then what is left.
 */
export function toRemove(
  files: readonly HistoryFile[],
  retention: Retention,
  nowMs: number,
  openBytes: number,
  byAge: boolean,
): HistoryFile[] {
  const gone = new Set<HistoryFile>();
  if (byAge) {
    for (const file of files) {
      const ageMs = nowMs - file.toMs;
      if (ageMs > retention.maxAgeMs || (file.kind === 'raw' && ageMs > retention.rawMaxAgeMs)) gone.add(file);
    }
  }
  const left = (): HistoryFile[] => files.filter((file) => !gone.has(file));
  const total = (some: readonly HistoryFile[]): number => some.reduce((sum, { bytes }) => sum + bytes, 0);
  let rawBytes = total(left().filter(({ kind }) => kind === 'raw'));
  let allBytes = total(left()) + openBytes;
  const give = (file: HistoryFile): void => {
    gone.add(file);
    allBytes -= file.bytes;
    if (file.kind === 'raw') rawBytes -= file.bytes;
  };
  for (const file of left()) {
    if (allBytes <= retention.maxBytes || rawBytes <= retention.maxBytes * RAW_SHARE) break;
    if (file.kind === 'raw') give(file);
  }
  const rawLeft = new Set(
    left()
      .filter(({ kind }) => kind === 'raw')
      .map(({ last }) => last),
  );
  const order = [
    ...left().filter(({ kind, last }) => kind === 'min' && !rawLeft.has(last)),
    ...left().filter(({ kind }) => kind === 'raw'),
    ...left().filter(({ kind, last }) => kind === 'log' || (kind === 'min' && rawLeft.has(last))),
  ];
  for (const file of order) {
    if (allBytes <= retention.maxBytes) break;
    if (!gone.has(file)) give(file);
  }
  return [...gone];
}
