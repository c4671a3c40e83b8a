import { dirname, resolve } from 'node:path';
import { badConfig, SEE_ALL, unknownName } from './fault.ts';
import type { ConfigFile } from './file.ts';
import { nearest } from './nearest.ts';
import {
  isGroup,
  isSecretVariable,
  OPTIONS,
  type Option,
  optionByName,
  optionByVariable,
  OTHER_VARIABLES,
} from './options.ts';
import type { Environment } from './paths.ts';
import { readText } from './read-text.ts';

/** Where a value came from. */
export interface Origin {
  readonly from: 'default' | 'file' | 'environment' | 'flag';
  /** Path of the file, name of the variable or flag; null for a default. */
  readonly detail: string | null;
}

/** One option as one layer gives it; not validated yet. */
export interface Setting {
  readonly option: Option;
  readonly value: unknown;
  readonly origin: Origin;
}

/** A hand-written file has a few KB; what is larger is not a configuration. */
const MAX_FILE_CHARACTERS = 1024 * 1024;

export function fromFile({ path, text, isProjects }: ConfigFile): Setting[] {
  if (text.length > MAX_FILE_CHARACTERS) {
    throw badConfig(`${path} is larger than 1 MiB`, 'Is this the right file? A configuration has a few lines.');
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw badConfig(`${path} is not valid JSON: ${(cause as Error).message}`, 'Correct the file at that place.', cause);
  }
  const settings = flatten(content, '', path);
  const outgoing = settings.find(({ option }) => option.name.startsWith(OWNERS_ONLY));
  if (!isProjects || outgoing === undefined) return settings;
  throw badConfig(
    `${path}: '${outgoing.option.name}' may not be set by a project's file`,
    'Set it in your own file (`rampart config` names it), by RAMPART_CONFIG or by a variable.',
  );
}

/** A cloned repository could send alerts, and files named as secrets, to whoever wrote it. */
const OWNERS_ONLY = 'notifications.';

function flatten(content: unknown, prefix: string, path: string): Setting[] {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    const what = prefix === '' ? 'the file' : `'${prefix}'`;
    throw badConfig(`${path}: ${what} must be an object`, `Write ${prefix === '' ? '' : `"${prefix}": `}{ … }.`);
  }
  return Object.entries(content).flatMap(([key, value]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const option = optionByName(name);
    if (option !== null) return [setting(option, value, { from: 'file', detail: path }, dirname(path))];
    if (isGroup(name)) return flatten(value, name, path);
    throw unknownName(name, `${path}: unknown option '${name}'`);
  });
}

export function fromEnvironment(env: Environment, cwd: string): Setting[] {
  return Object.entries(env).flatMap(([variable, text]) => {
    if (!variable.startsWith('RAMPART_') || text === undefined || text === '') return [];
    if (isSecretVariable(variable)) return [];
    if ((OTHER_VARIABLES as readonly string[]).includes(variable)) return [];
    const option = optionByVariable(variable);
    if (option !== null) return [setting(option, text, { from: 'environment', detail: variable }, cwd)];
    const close = nearest(variable, [...OPTIONS.map((known) => known.variable), ...OTHER_VARIABLES]);
    throw badConfig(`unknown environment variable ${variable}`, close === null ? SEE_ALL : `Did you mean ${close}?`);
  });
}

export function fromFlags(flags: Readonly<Record<string, unknown>>, cwd: string): Setting[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const option = optionByName(name);
    if (option === null) throw unknownName(name, `unknown option '${name}'`);
    return [setting(option, value, { from: 'flag', detail: name }, cwd)];
  });
}

/** Text gets the meaning that its option gives it; relative paths start where they were written. */
function setting(option: Option, raw: unknown, origin: Origin, base: string): Setting {
  const isPlain = origin.from === 'file' && (option.kind === 'switch' || option.kind === 'paths');
  const value = typeof raw === 'string' && !isPlain ? readText(raw, option.kind) : raw;
  const from = (path: unknown): unknown => (typeof path === 'string' && path !== '' ? resolve(base, path) : path);
  if (option.kind === 'path') return { option, value: from(value), origin };
  if (option.kind === 'paths' && Array.isArray(value)) return { option, value: value.map(from), origin };
  return { option, value, origin };
}
