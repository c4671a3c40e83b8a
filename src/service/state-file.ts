import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { removeStaleTemporaries, replaceFile } from '../integrations/atomic-file.ts';
import { sanitise } from '../untrusted/index.ts';

/** What outlives a restart, in one file of ours: replaced whole, so that readers never see a part. */
export interface StateFile<T> {
  /** Null: there is none, or none that can be used. */
  read(): Promise<T | null>;
  write(state: T): Promise<void>;
}

export interface StateFileOptions<T> {
  readonly path: string;
  /** For problems: 'alerts', 'what was learned'. */
  readonly name: string;
  /** More is not ours. */
  readonly maxBytes: number;
  /** Checks what was stored; null: not in our form. */
  readonly parse: (stored: unknown) => T | null;
  readonly onProblem: (what: string, error: unknown) => void;
}

const MAX_TEXT = 4096;

export function createStateFile<T>({ path, name, maxBytes, parse, onProblem }: StateFileOptions<T>): StateFile<T> {
  return {
    async read() {
      await removeStaleTemporaries(path, Date.now());
      let stored: unknown;
      try {
        stored = JSON.parse(await readWhole(path, maxBytes), clean);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          onProblem(`${name} of the last run cannot be read`, error);
        return null;
      }
      const state = parse(stored);
      if (state === null) onProblem(`${name} of the last run are not in our form`, new Error('they begin anew'));
      return state;
    },
    write: (state) => replaceFile(path, JSON.stringify(state)),
  };
}

async function readWhole(path: string, maxBytes: number): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new Error('not a regular file');
    if (info.size > maxBytes) throw new Error(`${info.size} bytes are more than we ever write`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** What stands in the file may have been put there by somebody: it is cleaned as if it came from a process. */
const clean = (key: string, value: unknown): unknown =>
  key === '__proto__' ? undefined : typeof value === 'string' ? sanitise(value, MAX_TEXT) : value;
