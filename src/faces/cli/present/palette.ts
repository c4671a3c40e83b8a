import picocolors from 'picocolors';
import type { Line, Tone } from './line.ts';

export type Palette = Readonly<Record<Tone, (text: string) => string>>;

export function createPalette(colors: boolean): Palette {
  const paint = picocolors.createColors(colors);
  return {
    plain: (text) => text,
    strong: paint.bold,
    dim: paint.dim,
    good: paint.green,
    warn: paint.yellow,
    bad: (text) => paint.bold(paint.red(text)),
    accent: paint.cyan,
    chosen: paint.inverse,
  };
}

export function paintLine(content: Line, palette: Palette): string {
  return content.map(({ text, tone }) => palette[tone](text)).join('');
}
