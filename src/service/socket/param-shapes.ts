import { RampartError } from '../../model/index.ts';

/**
 * Readers of single values as they come off the socket, checked by hand: `shape` puts them together to an object, and
 * drops what it does not name. Fields that are absent or null are left out where the reader is `optional`.
 */
export type Read<T> = (value: unknown, name: string) => T;
type Fields = Readonly<Record<string, unknown>>;

/** Longer than any id, reason or search word that makes sense. */
const MAX_TEXT = 1_000;
const MAX_LIST = 50;

export const text: Read<string> = (value, name) => {
  if (typeof value === 'string' && value.length <= MAX_TEXT) return value;
  throw bad(name, `a text of at most ${MAX_TEXT} characters`);
};

export const number: Read<number> = (value, name) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw bad(name, 'a number');
};

export const integer: Read<number> = (value, name) => {
  if (Number.isSafeInteger(value)) return value as number;
  throw bad(name, 'a whole number');
};

export const flag: Read<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  throw bad(name, 'true or false');
};

/** A word of a fixed list. */
export function word<const W extends string>(words: readonly W[]): Read<W> {
  return (value, name) => {
    const found = words.find((one) => one === value);
    if (found !== undefined) return found;
    throw bad(name, `one of ${words.join(', ')}`);
  };
}

/** Words whose valid ones are told where the query is answered. */
export const anyWord = text as Read<never>;

export const optional =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value, name) =>
    value == null ? undefined : read(value, name);

export const nullable =
  <T>(read: Read<T>): Read<T | null> =>
  (value, name) =>
    value == null ? null : read(value, name);

export const list =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, name) => {
    if (!Array.isArray(value) || value.length > MAX_LIST) throw bad(name, `a list of at most ${MAX_LIST}`);
    return value.map((item, at) => read(item, `${name}[${at}]`));
  };

/** An object with these fields. */
export function shape<T>(readers: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> {
  const entries = Object.entries(readers) as [string, Read<unknown>][];
  return (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(name, 'an object');
    const fields = value as Fields;
    return Object.fromEntries(
      entries.flatMap(([field, read]) => {
        const found = read(Object.hasOwn(fields, field) ? fields[field] : undefined, field);
        return found === undefined ? [] : [[field, found]];
      }),
    ) as T;
  };
}

/** All fields optional: no parameter at all is an empty one. */
export function query<T>(readers: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> {
  const read = shape<T>(readers);
  return (value, name) => read(value ?? {}, name);
}

const bad = (name: string, wanted: string): RampartError =>
  new RampartError('bad-input', `'${name}' must be ${wanted}`, 'Correct the parameter and ask again.');
