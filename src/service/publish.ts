import type { Config } from '../config/index.ts';
import { createMemoryIntegration, type MemoryIntegrationFile } from '../integrations/index.ts';
import { systemClock } from '../sources/index.ts';
import type { Engine } from './engine/shape.ts';
import type { Log } from './log.ts';
import { VERSION } from './version.ts';

export interface PublishOptions {
  readonly engine: Engine;
  /** Projects whose files are read now. */
  readonly projects: () => readonly string[];
  readonly config: Pick<Config, 'integrations'>;
  readonly log: Log;
}

/**
 * Keeps `.claude-flow/metrics/memory-integration.json` up to date in every project that has Claude-Flow. The report is
 * made from what the last look saw, and only when a file is due.
 */
export function publishToProjects({ engine, projects, config, log }: PublishOptions): { stop(): Promise<void> } {
  const files = new Map<string, MemoryIntegrationFile>();
  let running: Promise<void> | null = null;
  let unsubscribe: (() => void) | null = null;

  const dueFiles = async (): Promise<MemoryIntegrationFile[]> => {
    const wanted = new Set(projects());
    for (const [project, file] of files) {
      if (wanted.has(project)) continue;
      files.delete(project);
      await file.close();
    }
    for (const project of wanted) {
      if (!files.has(project)) {
        files.set(project, createMemoryIntegration({ project, version: VERSION, clock: systemClock }));
      }
    }
    return [...files.values()].filter((file) => file.isDue());
  };

  const publish = async (): Promise<void> => {
    const due = await dueFiles();
    if (due.length === 0) return;
    const report = await engine.snapshot();
    for (const file of due) {
      const published = await file.publish(report);
      if (published.outcome === 'failed') log.problem(`cannot write ${file.path}`, new Error(published.reason));
    }
  };

  if (config.integrations.memoryIntegrationFile) {
    void engine
      .subscribe((event) => {
        if (event.type !== 'tick' || running !== null) return;
        running = publish()
          .catch((error: unknown) => log.problem('publishing to projects failed', error))
          .finally(() => (running = null));
      })
      .then((stop) => (unsubscribe = stop));
  }

  return {
    stop: async () => {
      unsubscribe?.();
      await running;
      for (const file of files.values()) await file.close();
    },
  };
}
