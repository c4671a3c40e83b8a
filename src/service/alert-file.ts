import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readState, type AlertState } from '../alerts/index.ts';
import { removeStaleTemporaries, replaceFile } from '../integrations/atomic-file.ts';
import { sanitise } from '../untrusted/index.ts';

/** Alerts, silences and what people were told, in one file of ours: replaced whole, so that readers never see a part. */
export interface AlertFile {
  /** Null: there is none, or none that can be used. */
  read(): Promise<AlertState | null>;
  write(state: AlertState): Promise<void>;
}

/** A thousand alerts take about 1 MB. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_TEXT = 4096;

export function createAlertFile(path: string, onProblem: (what: string, error: unknown) => void): AlertFile {
  return {
    async read() {
      await removeStaleTemporaries(path, Date.now());
      let stored: unknown;
      try {
        stored = JSON.parse(await readWhole(path), clean);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          onProblem('alerts of the last run cannot be read', error);
        return null;
      }
      const state = readState(stored);
      if (state === null) onProblem('alerts of the last run are not in our form', new Error('they begin anew'));
      return state;
    },
    write: (state) => replaceFile(path, JSON.stringify(state)),
  };
}

async function readWhole(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new Error('not a regular file');
    if (info.size > MAX_BYTES) throw new Error(`${info.size} bytes are more than we ever write`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** What stands in the file may have been put there by somebody: it is cleaned as if it came from a process. */
const clean = (key: string, value: unknown): unknown =>
  key === '__proto__' ? undefined : typeof value === 'string' ? sanitise(value, MAX_TEXT) : value;
