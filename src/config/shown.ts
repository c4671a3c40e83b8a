import { isReference, type OptionKind } from './option.ts';

/** What stands for a value that must not be shown. */
const HIDDEN = '[not shown]';

/**
 * A value as it may be printed, logged and pasted into a bug report. A secret that was written in place by mistake is not
 * shown; of an address only its origin, because the path of a chat hook is its password.
 */
export function shownValue(kind: OptionKind, value: unknown): unknown {
  if ((kind !== 'secret' && kind !== 'address') || value === null || value === undefined) return value;
  if (typeof value !== 'string') return HIDDEN;
  if (isReference(value)) return value;
  return kind === 'secret' ? HIDDEN : originOf(value);
}

function originOf(address: string): string {
  try {
    const { origin, pathname, search } = new URL(address);
    if (origin === 'null') return HIDDEN;
    return pathname === '/' && search === '' ? origin : `${origin}/…`;
  } catch {
    return HIDDEN;
  }
}
