import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RoleExperience } from '../../detectors/index.ts';
import { removeStaleTemporaries, replaceFile } from '../../integrations/atomic-file.ts';

/** What lives of each command taught, kept over restarts of the service. */
export interface RoleStore {
  /** Of the last life; empty when there was none or its file cannot be used. */
  readonly known: readonly RoleExperience[];
  /** Rejects with the system's error; the file then stays as it was. */
  save(roles: readonly RoleExperience[]): Promise<void>;
}

const VERSION = 1;
/** As many as the fleet remembers. */
const MAX_ROLES = 1000;
/** A thousand names of this length with their figures. */
const MAX_NAME = 200;
const MAX_BYTES = 512 * 1024;

/** Opens whatever is there: a file that is torn, foreign or of a later version is told of and counts as none. */
export async function openRoleStore(
  path: string,
  nowMs: number,
  onProblem: (error: unknown) => void,
): Promise<RoleStore> {
  let known: readonly RoleExperience[] = [];
  try {
    await removeStaleTemporaries(path, nowMs);
    const text = await readBounded(path);
    if (text !== null) known = parse(text);
  } catch (error) {
    onProblem(error);
  }
  return {
    known,
    async save(roles) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const kept = roles.slice(-MAX_ROLES).filter(({ role }) => role.length <= MAX_NAME);
      await replaceFile(path, `${JSON.stringify({ version: VERSION, roles: kept })}\n`);
    },
  };
}

async function readBounded(path: string): Promise<string | null> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const info = await handle.stat();
    if (!info.isFile() || info.size > MAX_BYTES)
      throw new Error(`${path} is no file of ours: it is left out and will be written anew`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function parse(text: string): readonly RoleExperience[] {
  const value: unknown = JSON.parse(text);
  const { version, roles } = (value ?? {}) as { version?: unknown; roles?: unknown };
  if (version !== VERSION || !Array.isArray(roles)) throw new Error('the leak prior has another format: begun anew');
  return roles.slice(-MAX_ROLES).flatMap((one: unknown) => {
    const { role, lives, leaks } = (one ?? {}) as Partial<Record<keyof RoleExperience, unknown>>;
    const sound =
      typeof role === 'string' &&
      role.length <= MAX_NAME &&
      Number.isFinite(lives) &&
      Number.isFinite(leaks) &&
      (leaks as number) >= 0 &&
      (lives as number) >= (leaks as number);
    return sound ? [{ role, lives: lives as number, leaks: leaks as number }] : [];
  });
}
