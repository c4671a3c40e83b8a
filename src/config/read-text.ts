import { delimiter } from 'node:path';
import type { OptionKind } from './option.ts';

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Decimal units too, because `MB` in a file is meant as it is written; one letter is binary, as in `docker -m 2g`. */
const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/**
 * The value that a person meant by `text`. What is not understood comes back as it is, so that the schema rejects it with
 * the user's own words.
 */
export function readText(text: string, kind: OptionKind): unknown {
  const trimmed = text.trim();
  switch (kind) {
    case 'ms':
      return withUnit(trimmed, MS) ?? text;
    case 'bytes':
      return withUnit(trimmed, BYTES) ?? text;
    case 'share':
      return withUnit(trimmed, { '%': 0.01 }) ?? text;
    case 'count':
      return withUnit(trimmed, {}) ?? text;
    case 'switch':
      return TRUE.has(trimmed.toLowerCase()) ? true : FALSE.has(trimmed.toLowerCase()) ? false : text;
    case 'paths':
      return trimmed.split(delimiter).filter((part) => part !== '');
    case 'list':
      return trimmed
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'secret':
    case 'address':
    case 'path':
    case 'text':
    case 'choice':
      return trimmed;
  }
}

function withUnit(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-z%]*)$/i.exec(text);
  if (match === null) return null;
  const unit = (match[2] ?? '').toLowerCase();
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) return null;
  const value = Number(match[1]) * factor;
  // 1.1 × 1024 is no whole number of bytes; 75 × 0.01 is not quite 0.75.
  return factor >= 1 ? Math.round(value * 1000) / 1000 : Number(value.toFixed(6));
}
