import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone } from './line.ts';

/** Filled to `share` (0–1) of `width` columns. A share above zero shows at least one filled column. */
export function bar(share: number, width: number, glyphs: Glyphs, tone: Tone): Line {
  const known = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  const full = known > 0 ? Math.max(1, Math.round(known * width)) : 0;
  return line(span(glyphs.barFull.repeat(full), tone), span(glyphs.barEmpty.repeat(width - full), 'dim'));
}

/**
 * Spread below which a curve is drawn flat: memory of an idle process trembles by a few percent, and a scale that
 * stretches any difference to full height would paint that as drama.
 */
const FLAT_SPREAD = 0.05;

/** `values` in at most `width` steps, each the mean of its share: the whole time is drawn, not only its end. */
export function resample(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, step) => {
    const part = values.slice(
      Math.floor((step * values.length) / width),
      Math.floor(((step + 1) * values.length) / width),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** One character for each value, lowest to highest. */
export function sparkline(values: readonly number[], glyphs: Glyphs): string {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const spread = Math.max(high - low, high * FLAT_SPREAD, 1);
  const top = glyphs.levels.length - 1;
  return values.map((value) => glyphs.levels[Math.round(((value - low) / spread) * top)] ?? ' ').join('');
}

/** Columns of a plot, bottom-up in eighths of a row, as `rows` lines from top to bottom. */
export function plot(values: readonly (number | null)[], rows: number, glyphs: Glyphs): string[] {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return [];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const spread = Math.max(high - low, high * FLAT_SPREAD, 1);
  const floor = Math.max(0, high - spread);
  const levels = glyphs.levels.length;
  const heights = values.map((value) =>
    value === null ? null : Math.max(1, Math.round(((value - floor) / (high - floor || 1)) * rows * levels)),
  );
  return Array.from({ length: rows }, (_, fromTop) => {
    const base = (rows - 1 - fromTop) * levels;
    return heights
      .map((height) => {
        if (height === null || height <= base) return ' ';
        return glyphs.levels[Math.min(levels, height - base) - 1] ?? ' ';
      })
      .join('');
  });
}
