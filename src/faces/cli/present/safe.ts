import { redactText, sanitise } from '../../../untrusted/index.ts';

/**
 * Text that others wrote, fit for a terminal. Sources clean it before they store it; it is cleaned again here because
 * the far end of a socket may be an older service, and because this is the last place where it can be. Agents read our
 * output too: a title must not close a tag of theirs, such as `</tool_result>`.
 */
export function shown(text: string, maxLength = 200): string {
  return clean(text, maxLength).replace(/</g, '‹').replace(/>/g, '›');
}

function clean(text: string, maxLength: number): string {
  return redactText(sanitise(text, maxLength));
}

/** Paths and sentences in JSON may be longer than a title; a hostile 100 KB string still may not. */
const MAX_JSON_TEXT = 4096;

/** Stable JSON for `--json`: every string cleaned; `<` is written as an escape, which reads back as it was. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'string' ? clean(part, MAX_JSON_TEXT) : part),
    2,
  );
  return text.replace(/</g, '\\u003c');
}
