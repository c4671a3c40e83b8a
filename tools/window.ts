import * as z from 'zod';

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How far back, as models write it: 90s, 15m, 2h, 7d. */
export const windowText = z.string().regex(/^\d{1,4}[smhd]$/, 'a number and s, m, h or d, such as 15m');

/** The window in ms; the schema has checked its form. */
export function windowMs(window: string): number {
  return Number(window.slice(0, -1)) * UNIT_MS[window.at(-1) as keyof typeof UNIT_MS];
}
