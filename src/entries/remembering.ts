import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Paths } from '../config/index.ts';
import { createFileStore, type History } from '../history/index.ts';
import type { SessionFiles } from '../integrations/index.ts';
import type { Acting, DeathTraces, ExitWatch, Remembering } from '../model/index.ts';
import { openBlackBox } from '../service/black-box/black-box.ts';
import type { Engine } from '../service/engine/shape.ts';
import type { Log } from '../service/log.ts';
import { runsNow, systemClock, zombieStatus } from '../sources/index.ts';

export interface RememberingOptions {
  readonly places: Pick<Paths, 'stateDir'>;
  readonly engine: Engine;
  readonly history: Pick<History, 'query'>;
  readonly exits: ExitWatch;
  readonly traces: DeathTraces;
  readonly sessionFiles: SessionFiles;
  readonly log: Log;
  readonly audit: Acting['audit'];
}

/** The black box with all that it needs of this machine. */
export async function openRemembering(
  options: RememberingOptions,
): Promise<{ readonly part: Remembering; close(): Promise<void> }> {
  const { places, engine, history, exits, traces, log } = options;
  const home = homedir();
  const blackBox = await openBlackBox({
    engine,
    clock: systemClock,
    store: createFileStore(join(places.stateDir, 'deaths')),
    query: (query) => history.query(query),
    exits,
    zombie: ({ sample, facts }) => zombieStatus(sample, facts.uid === process.getuid?.()),
    runsNow,
    traces,
    sessionFiles: options.sessionFiles,
    // Without hands there is no audit log, and nothing that it could say.
    audit: (fromMs) =>
      options.audit({ fromMs, limit: 1000 }).then(
        ({ entries }) => entries,
        () => [],
      ),
    shortPath: (path) => (path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path),
    bootId: readBootId(),
    onProblem: (error) => log.problem('the black box failed', error),
  });
  return { part: { postMortem: (query) => blackBox.postMortem(query) }, close: () => blackBox.close() };
}

function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
