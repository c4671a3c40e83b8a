import { redactText, sanitise } from '../../../untrusted/index.ts';

/** Markup that is safe to print: only `html` makes it. */
export interface Html {
  readonly html: string;
}

type Part = Html | readonly Part[] | string | number | null;

/** Whatever stands in `${…}` is text, cleaned of secrets and controls and escaped, unless `html` made it. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return {
    html: strings.map((text, index) => (index === 0 ? text : markup(parts[index - 1] ?? null) + text)).join(''),
  };
}

const MAX_TEXT = 4096;

function markup(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escape(redactText(sanitise(part, MAX_TEXT)));
  return 'html' in part ? part.html : part.map(markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
const escape = (text: string): string => text.replace(/[&<>"'`]/g, (sign) => ENTITIES[sign] ?? '');
