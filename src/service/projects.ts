import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openRegistry, type RegistryReader } from '../integrations/index.ts';
import type { Config } from '../config/index.ts';
import type { Registry } from '../model/index.ts';

/** Files of others that say something about processes, in every project that an agent works on. */
export interface ProjectFiles {
  /** `workingDirs`: of the agents that live now. */
  read(workingDirs: Iterable<string>): Promise<Registry>;
  projects(): readonly string[];
  close(): Promise<void>;
}

/** The watches are shared out among the projects; with more of them each would get too few. */
const MAX_PROJECTS = 16;
/** A directory without any of these has nothing to read. */
const MARKERS = ['.claude-flow', '.hive-mind', join('memory', 'agents'), join('memory', 'sessions')];

/**
 * One service watches the sessions of all projects of a user, so the projects are those that are configured and those
 * that agents work in now. The files are opened anew only when that set changes.
 */
export function createProjectFiles(config: Config, watch: boolean): ProjectFiles {
  let projects: readonly string[] = [];
  let registry: RegistryReader | null = null;

  const reopen = async (next: readonly string[]): Promise<RegistryReader> => {
    registry?.close();
    projects = next;
    return openRegistry({ ...config, projects: [...next], watch });
  };

  return {
    read: async (workingDirs) => {
      const next = chooseProjects(config.projects, workingDirs);
      const isSame = next.length === projects.length && next.every((project, index) => project === projects[index]);
      if (registry === null || !isSame) registry = await reopen(next);
      return registry.read();
    },
    projects: () => projects,
    close: async () => {
      registry?.close();
      registry = null;
    },
  };
}

function chooseProjects(configured: readonly string[], workingDirs: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const dir of [...configured, ...workingDirs]) {
    if (found.size >= MAX_PROJECTS) break;
    if (!found.has(dir) && MARKERS.some((marker) => existsSync(join(dir, marker)))) found.add(dir);
  }
  return [...found].toSorted();
}
