import { redactText, sanitise } from '../untrusted/index.ts';

/** Picks typed fields out of JSON that others wrote: whatever is not as expected is null, never an exception. */

export type Fields = Readonly<Record<string, unknown>>;

export function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The first of `names` that holds something. */
export function field(fields: Fields, ...names: readonly string[]): unknown {
  for (const name of names) if (Object.hasOwn(fields, name) && fields[name] != null) return fields[name];
  return null;
}

/** Finite number; no text, so that "12abc" or "" cannot pass for one. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Pids of all systems fit into 32 bits; 0 is the scheduler. */
export function pidOf(value: unknown): number | null {
  const pid = wholeOf(value);
  return pid !== null && pid >= 1 && pid <= 0xff_ff_ff_ff ? pid : null;
}

/** A whole number, also written as digits ("115445", as Claude Code writes `procStart`). */
export function wholeOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** One safe line, or null. */
export function textOf(value: unknown, maxLength = 200): string | null {
  if (typeof value !== 'string') return null;
  const text = sanitise(redactText(value.slice(0, maxLength * 4)), maxLength);
  return text === '' ? null : text;
}

/** 2001-09-09: a smaller "time in ms" is one in seconds, or nonsense. */
const EARLIEST_MS = 1e12;
/** The year 2286, where ms need a fourteenth digit. */
const LATEST_MS = 1e13;

/** ms since the epoch, from ms or an ISO 8601 text. */
export function timeOf(value: unknown): number | null {
  const ms = typeof value === 'string' && value.length <= 40 ? Date.parse(value) : numberOf(value);
  return ms !== null && ms >= EARLIEST_MS && ms < LATEST_MS ? Math.round(ms) : null;
}

/**
 * When a claim was made: the writer's own time can only make it older. (A later one would be a lie or a wrong clock, and
 * an older one is the stricter test: a process that started after it is another one.)
 */
export function claimTime(modifiedMs: number, own: number | null): number {
  return own === null ? modifiedMs : Math.min(modifiedMs, own);
}
