import { redactText, sanitise } from '../../../untrusted/index.ts';

/**
 * Text that others wrote, fit for a terminal. Sources clean it before they store it; it is cleaned again here because
 * the far end of a socket may be an older service, and because this is the last place where it can be.
 */
export function shown(text: string, maxLength = 200): string {
  return redactText(sanitise(text, maxLength));
}

/** Paths and sentences in JSON may be longer than a title; a hostile 100 KB string still may not. */
const MAX_JSON_TEXT = 4096;

/** Stable JSON for `--json`: every string cleaned, no control character anywhere but the line breaks of the layout. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'string' ? shown(part, MAX_JSON_TEXT) : part),
    2,
  );
}
