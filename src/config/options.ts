import * as z from 'zod';
import { type OptionMeta, optionMeta } from './option.ts';
import { ConfigSchema } from './schema.ts';

/** One leaf of the schema, as `rampart config`, the docs and the readers of environment and flags see it. */
export interface Option extends OptionMeta {
  /** Dotted name: 'http.port'. */
  readonly name: string;
  /** Environment variable: 'RAMPART_HTTP__PORT'. */
  readonly variable: string;
  readonly schema: z.ZodType;
  readonly fallback: unknown;
}

/** Variables of Rampart that are no options: where things are, before any file is read, and stack traces for its makers. */
export const OTHER_VARIABLES = [
  'RAMPART_CONFIG',
  'RAMPART_STATE_DIR',
  'RAMPART_RUNTIME_DIR',
  'RAMPART_DEBUG',
  // What HTTP clients put into their header; see docs/clients.md.
  'RAMPART_TOKEN',
] as const;

/** All options in the order of the schema. */
export const OPTIONS: readonly Option[] = leaves(ConfigSchema, []);

const BY_NAME = new Map(OPTIONS.map((option) => [option.name, option]));
const BY_VARIABLE = new Map(OPTIONS.map((option) => [option.variable, option]));

export const optionByName = (name: string): Option | null => BY_NAME.get(name) ?? null;
export const optionByVariable = (variable: string): Option | null => BY_VARIABLE.get(variable) ?? null;

/** Secrets that options refer to: a client hands `RAMPART_` variables on to the service that it starts. */
export const isSecretVariable = (variable: string): boolean => variable.startsWith('RAMPART_SECRET_');

/** Whether `name` is a group such as 'http', which has options inside and no value of its own. */
export const isGroup = (name: string): boolean => OPTIONS.some((option) => option.name.startsWith(`${name}.`));

function leaves(schema: z.ZodType, path: readonly string[]): Option[] {
  const meta = optionMeta(schema);
  if (meta !== null)
    return [{ ...meta, name: path.join('.'), variable: variableOf(path), schema, fallback: schema.parse(undefined) }];
  const inside = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(inside instanceof z.ZodObject)) throw new TypeError(`option '${path.join('.')}' is not described`);
  return Object.entries(inside.shape).flatMap(([key, child]) => leaves(child as z.ZodType, [...path, key]));
}

/** `http.maxBytes` → `RAMPART_HTTP__MAX_BYTES`: words by one underscore, levels by two. */
function variableOf(path: readonly string[]): string {
  const words = path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return `RAMPART_${words.join('__')}`;
}
