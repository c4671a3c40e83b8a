import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Temporary files of a writer that was killed are removed when they are older than any honest write. */
const STALE_MS = 60_000;

/**
 * Puts `text` in place of `path` so that readers see the old content or the new one, never a part, also after kill -9 or
 * on a full disk: temporary file, fsync, rename, fsync of the directory. Mode 0600. Throws the system's error and then
 * leaves the old file as it was and no temporary one.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  try {
    const handle = await open(temporary, flags, 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => {});
    throw cause;
  }
  await syncDirectory(dirname(path));
}

/** Removes what killed writers of `path` left. */
export async function removeStaleTemporaries(path: string, nowMs: number): Promise<void> {
  const prefix = `.${basename(path)}.`;
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(prefix) && one.endsWith('.tmp'))) {
    const file = join(dirname(path), name);
    const info = await stat(file).catch(() => null);
    if (info !== null && info.mtimeMs < nowMs - STALE_MS) await unlink(file).catch(() => {});
  }
}

/** So that the rename itself outlives a power cut. Windows cannot sync directories, nor can some file systems. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The content is complete either way; only the moment of its appearing is not certain.
  }
}
