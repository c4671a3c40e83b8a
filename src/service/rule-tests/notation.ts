import { RampartError } from '../../model/index.ts';

/** One value of a series; null: `_`, nothing was seen then. */
export type SeriesValue = number | string | null;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 1000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  '%': 1,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:KiB|MiB|GiB|TiB|K|%|ms|s|m|h)?`;
const EXPANDED = new RegExp(`^(${NUMBER})(?:([+-])(${NUMBER}))?(?:x(\\d+))?$`);
const WORD = /^([a-z][a-z0-9-]*?)(?:x(\d+))?$/;
const MISSING = /^_(?:x(\d+))?$/;
const MAX_VALUES = 100_000;

/**
 * Series as promtool writes them: `1 2 3`, `_` for none, `5x3` (5 and three more times 5), `1+2x3` (1 3 5 7), `9-1x2`.
 * Figures may have units (`8GiB-100MiBx60`); words are for states (`idlex5 orphanx20`).
 */
export function expandSeries(text: string | number): SeriesValue[] {
  const values: SeriesValue[] = [];
  for (const part of String(text).trim().split(/\s+/)) {
    values.push(...expandPart(part));
    if (values.length > MAX_VALUES) throw wrong(`more than ${MAX_VALUES} values`, text);
  }
  return values;
}

function expandPart(part: string): SeriesValue[] {
  const missing = MISSING.exec(part);
  if (missing !== null) return repeat(null, missing[1] === undefined ? 1 : Number(missing[1]));
  const expanded = EXPANDED.exec(part);
  if (expanded !== null) {
    const [, start = '', sign, by, times] = expanded;
    const from = quantity(start);
    const step = by === undefined ? 0 : quantity(by) * (sign === '-' ? -1 : 1);
    const count = times === undefined ? 0 : checked(Number(times), part);
    return Array.from({ length: count + 1 }, (_, index) => from + step * index);
  }
  const word = WORD.exec(part);
  if (word !== null) return repeat(word[1] ?? '', word[2] === undefined ? 1 : checked(Number(word[2]), part) + 1);
  throw wrong('this is no value', part);
}

function repeat(value: SeriesValue, count: number): SeriesValue[] {
  return Array.from({ length: checked(count, String(value)) }, () => value);
}

function checked(count: number, part: string): number {
  if (count <= MAX_VALUES) return count;
  throw wrong(`more than ${MAX_VALUES} values`, part);
}

/** A figure with its unit, in bytes or ms. */
function quantity(text: string): number {
  const match = /^(-?\d+(?:\.\d+)?)([A-Za-z%]*)$/.exec(text);
  return Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN);
}

const SPAN_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time as Prometheus writes it: `30s`, `1h30m`; a bare number is seconds. */
export function spanMs(text: string | number): number {
  if (typeof text === 'number') return text * 1000;
  const whole = text.trim();
  if (/^\d+$/.test(whole)) return Number(whole) * 1000;
  let total = 0;
  const rest = whole.replace(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g, (_, count: string, unit: string) => {
    total += Number(count) * (SPAN_UNIT[unit] ?? Number.NaN);
    return '';
  });
  if (rest === '' && whole !== '') return total;
  throw wrong('this is no time', text);
}

/** `process{id="100:1", session="s1"}.footprintBytes` in its parts. */
export interface SeriesName {
  readonly of: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly field: string;
}

export function parseSeriesName(text: string): SeriesName {
  const match = /^([a-z]+)(?:\{([^}]*)\})?\.([A-Za-z]+)$/.exec(text.trim());
  if (match === null) throw wrong('a series is written as subject{label="value"}.field', text);
  const labels: Record<string, string> = {};
  const rest = (match[2] ?? '').replace(/\s*([a-zA-Z]+)\s*=\s*"([^"]*)"\s*,?/g, (_, name: string, value: string) => {
    labels[name] = value;
    return '';
  });
  if (rest.trim() !== '') throw wrong('labels are written as name="value", …', text);
  return { of: match[1] ?? '', labels, field: match[3] ?? '' };
}

export function wrong(what: string, where: string | number): RampartError {
  return new RampartError(
    'bad-input',
    `${what}: ${String(where).slice(0, 120)}`,
    'docs/alerts.md describes the format.',
  );
}
