import type { CallToolResult } from '@modelcontextprotocol/server';
import { RampartError } from '../../model/index.ts';
import { MAX_TEXT_LENGTH, sanitise } from '../../untrusted/index.ts';
import type { ToolAnswer } from './define-tool.ts';

/** Hints name valid ids, so they may be longer than a title. */
const HINT_LENGTH = MAX_TEXT_LENGTH * 5;

/**
 * Two texts, so that clients which show a model only text lose nothing: our own words first, then the data as JSON (the
 * only place where text of others stands). Clients that know `structuredContent` give the model that instead.
 */
export function toResult(answer: ToolAnswer<Readonly<Record<string, unknown>>>): CallToolResult {
  const next = answer.next.length === 0 ? '' : `\nNext: ${answer.next.join(' | ')}`;
  const { nextCursor, ...rest } = answer;
  return {
    content: [
      { type: 'text', text: `${answer.summary}${next}` },
      { type: 'text', text: JSON.stringify(nextCursor === undefined ? answer.data : { ...answer.data, nextCursor }) },
    ],
    structuredContent: nextCursor === undefined ? rest : { ...rest, nextCursor },
  };
}

/** A failure the model can act on: what went wrong, its code, and the next step. Never a stack, never a path of ours. */
export function toErrorResult(cause: unknown): CallToolResult {
  const { code, message, hint } = explain(cause);
  return { isError: true, content: [{ type: 'text', text: `${code}: ${message}\nNext: ${hint}` }] };
}

/** Message and next step of any failure, cleaned. */
export function explain(cause: unknown): { code: string; message: string; hint: string } {
  if (cause instanceof RampartError) {
    return { code: cause.code, message: sanitise(cause.message), hint: sanitise(cause.hint, HINT_LENGTH) };
  }
  return {
    code: 'internal',
    message: sanitise(cause instanceof Error ? cause.message : String(cause)),
    hint: 'Try once more; if it stays, run `rampart doctor` in a terminal.',
  };
}
