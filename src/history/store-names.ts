import { RampartError } from '../model/index.ts';

/** Letters, digits, dots and dashes, beginning with a letter or digit: no path, no hidden file, no option. */
const NAME = /^[a-z0-9][a-z0-9.-]{0,99}$/;

export function isStoreName(name: string): boolean {
  return NAME.test(name);
}

export function checkName(name: string): string {
  if (isStoreName(name)) return name;
  throw new RampartError(
    'bad-input',
    `${JSON.stringify(name)} cannot be the name of a stored file`,
    'Use a–z, 0–9, dots and dashes, at most 100 of them, beginning with a letter or digit.',
  );
}
