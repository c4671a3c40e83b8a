import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { badConfig } from './fault.ts';
import { type Environment, paths } from './paths.ts';

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** It lies in the working directory, which may be a stranger's repository. */
  readonly isProjects: boolean;
}

export interface FindOptions {
  readonly env: Environment;
  readonly cwd: string;
  readonly home: string;
  readonly projectFile: boolean;
  readonly readFile: (path: string) => string | null;
}

/** The one file that counts: `$RAMPART_CONFIG`, else the project's, else the user's. They are not merged. */
export function findFile({ env, cwd, home, projectFile, readFile: read }: FindOptions): ConfigFile | null {
  const named = env['RAMPART_CONFIG'];
  if (named !== undefined && named !== '') {
    const path = resolve(cwd, named);
    const text = readOrFail(read, path);
    if (text !== null) return { path, text, isProjects: false };
    throw badConfig(`RAMPART_CONFIG names ${path}, which does not exist`, 'Create that file or unset RAMPART_CONFIG.');
  }
  const candidates = [{ path: paths(env, { home }).userConfigPath, isProjects: false }];
  if (projectFile) candidates.unshift({ path: join(cwd, 'rampart.config.json'), isProjects: true });
  for (const { path, isProjects } of candidates) {
    const text = readOrFail(read, path);
    if (text !== null) return { path, text, isProjects };
  }
  return null;
}

function readOrFail(read: (path: string) => string | null, path: string): string | null {
  try {
    return read(path);
  } catch (cause) {
    throw badConfig(`${path} cannot be read: ${String(cause)}`, 'Make the file readable, or remove it.', cause);
  }
}

export function readFileOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT' || (cause as NodeJS.ErrnoException).code === 'ENOTDIR')
      return null;
    throw cause;
  }
}
