import type { LearnedThreshold } from '../../model/index.ts';

/** What a test says was learned of the usual size of a server; null: nothing. */
export function statedUsual(
  value: number | null,
  samples: number | null,
  role = 'process',
  limitBytes: number,
): LearnedThreshold | null {
  if (value === null) return null;
  const bounds = { floor: 0, ceiling: limitBytes / 2 };
  return {
    role,
    metric: 'footprintBytes',
    value,
    ...bounds,
    samples: samples ?? 10_000,
    processes: 10,
    reason: 'stated by the test',
  };
}
