import type { ProcessReport, Role } from '../model/index.ts';

/** Sum of a figure, or null as soon as one part of it is not known: a smaller sum would pass for the whole. */
export function sum<T>(items: readonly T[], figure: (item: T) => number | null): number | null {
  let total = 0;
  for (const item of items) {
    const value = figure(item);
    if (value === null) return null;
    total += value;
  }
  return total;
}

/** PSS + swap: what a process really takes, shared pages split among those who share them. */
export function billedBytes(process: ProcessReport): number | null {
  return process.pssBytes === null || process.swapBytes === null ? null : process.pssBytes + process.swapBytes;
}

export function rssOf(processes: readonly ProcessReport[]): number {
  return processes.reduce((total, { rssBytes }) => total + rssBytes, 0);
}

export const ROLES: readonly Role[] = ['agent', 'server', 'wrapper', 'tool', 'other'];

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
