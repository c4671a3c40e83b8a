import { rm, stat, writeFile } from 'node:fs/promises';

/**
 * Stops all automatic actions at once, whatever the service does: a file that is asked for before each of them. A file,
 * so that it works when the service hangs, outlives a restart, and needs no more than `touch`.
 */
export interface KillSwitch {
  readonly isStopped: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
  /** Automatic actions may go on, as far as the configuration allows. */
  readonly release: () => Promise<void>;
}

export function createKillSwitch(path: string): KillSwitch {
  return {
    isStopped: async () => {
      try {
        await stat(path);
        return true;
      } catch (error) {
        // Whoever cannot tell must not act.
        return (error as NodeJS.ErrnoException).code !== 'ENOENT';
      }
    },
    stop: () => writeFile(path, 'Automatic actions of Rampart are stopped while this file exists.\n', { mode: 0o600 }),
    release: () => rm(path, { force: true }),
  };
}
