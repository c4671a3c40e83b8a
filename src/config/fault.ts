import { RampartError } from '../model/index.ts';
import { nearest } from './nearest.ts';
import { OPTIONS } from './options.ts';

export const SEE_ALL = '`rampart config` lists all options.';

export function badConfig(message: string, hint: string, cause?: unknown): RampartError {
  return new RampartError('bad-config', message, hint, cause);
}

/** For a name that is no option: the one that was meant, if there is one. */
export function unknownName(name: string, message: string): RampartError {
  const names = OPTIONS.map((option) => option.name);
  const groups = [...new Set(names.flatMap((full) => full.split('.').slice(0, -1)))];
  const close = nearest(name, [...names, ...groups]) ?? names.find((full) => full.endsWith(`.${name}`)) ?? null;
  return badConfig(message, close === null ? SEE_ALL : `Did you mean '${close}'?`);
}
