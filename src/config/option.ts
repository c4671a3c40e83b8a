import * as z from 'zod';

/**
 * How a value is written and shown. ms and bytes are numbers that may also be written as '5s', '256MiB';
 * share is a part of one that may also be written as '75%'. list is text separated by commas. secret and address are never
 * shown whole: see shown.ts.
 */
export type OptionKind =
  | 'ms'
  | 'bytes'
  | 'share'
  | 'count'
  | 'switch'
  | 'text'
  | 'path'
  | 'paths'
  | 'list'
  | 'secret'
  | 'address'
  | 'choice';

/** What the docs, `rampart config` and the readers of strings need to know about a leaf of the schema. */
export interface OptionMeta {
  readonly description: string;
  readonly kind: OptionKind;
  /** Why this default. */
  readonly reason: string;
  /** Engine that will use the option and does not exist yet; null: it works now. */
  readonly notYet: string | null;
}

const META = z.registry<OptionMeta>();

export const optionMeta = (schema: z.ZodType): OptionMeta | null => META.get(schema) ?? null;

interface Text {
  readonly text: string;
  readonly reason: string;
  readonly notYet?: string;
}

/** A leaf with what the docs and the readers of strings need beside it; the builders below cover the usual ones. */
export function option<S extends z.ZodType>(schema: S, kind: OptionKind, { text, reason, notYet }: Text): S {
  const described = schema.describe(text);
  META.add(described, { description: text, kind, reason, notYet: notYet ?? null });
  return described;
}

export const ms = (fallback: number, min: number, max: number, text: Text) =>
  option(z.int().min(min).max(max).default(fallback), 'ms', text);

export const bytes = (fallback: number, min: number, max: number, text: Text) =>
  option(z.int().min(min).max(max).default(fallback), 'bytes', text);

export const share = (fallback: number, text: Text) =>
  option(z.number().min(0).max(1).default(fallback), 'share', text);

export const count = (fallback: number, min: number, max: number, text: Text) =>
  option(z.int().min(min).max(max).default(fallback), 'count', text);

export const quantity = (fallback: number, min: number, max: number, text: Text) =>
  option(z.number().min(min).max(max).default(fallback), 'count', text);

export const toggle = (fallback: boolean, text: Text) => option(z.boolean().default(fallback), 'switch', text);

/** A file or directory; null: the place that the text names. */
export const path = (text: Text) => option(z.string().min(1).max(4096).nullable().default(null), 'path', text);

export const pathList = (max: number, text: Text) =>
  option(z.array(z.string().min(1).max(4096)).max(max).default([]), 'paths', text);

/** One line of text; null: not set. */
export const text = (about: Text) =>
  option(
    z
      .string()
      .min(1)
      .max(1000)
      .regex(/^[^\r\n\0]*$/, 'must be one line')
      .nullable()
      .default(null),
    'text',
    about,
  );

export const textList = (max: number, fallback: readonly string[], about: Text) =>
  option(
    z
      .array(
        z
          .string()
          .min(1)
          .max(1000)
          .regex(/^[^\r\n\0]*$/, 'must be one line'),
      )
      .max(max)
      .default([...fallback]),
    'list',
    about,
  );

/** Where a secret stands. The secret itself is never an option's value: configurations are shown, logged and shared. */
const REFERENCE = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:(?:\/|~\/|[A-Za-z]:[\\/]).+)$/;

export const isReference = (value: string): boolean => REFERENCE.test(value);

export const secret = (about: Text) =>
  option(
    z.string().max(4096).refine(isReference, { message: 'must be env:NAME or file:/path' }).nullable().default(null),
    'secret',
    about,
  );

export const address = (about: Text) =>
  option(
    z
      .string()
      .max(4096)
      .refine((value) => isReference(value) || /^https?:\/\/[^\s/?#]/i.test(value), {
        message: 'must be an http:// or https:// URL, env:NAME or file:/path',
      })
      .nullable()
      .default(null),
    'address',
    about,
  );

/** Some of a fixed set of words. */
export const choiceList = <const T extends readonly [string, ...string[]]>(
  words: T,
  fallback: readonly T[number][],
  text: Text,
) =>
  option(
    z
      .array(z.enum(words))
      .max(words.length)
      .default([...fallback]),
    'list',
    text,
  );
