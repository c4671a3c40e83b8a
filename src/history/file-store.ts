import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, lstat, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RampartError, type Store } from '../model/index.ts';
import { checkName, isStoreName } from './store-names.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants;

/** Half-written replacements; hidden, so that `list` never shows one. */
const TEMPORARY = '.new-';

/**
 * Files of one directory that is ours alone (0700, files 0600). Names are checked and links are never followed, so that
 * nobody who can write elsewhere makes us write or read elsewhere. The directory is made on first use.
 */
export function createFileStore(directory: string): Store {
  let checked: Promise<void> | null = null;

  /** Once; again after a failure, because the user may have mended what was wrong. */
  async function ready(): Promise<void> {
    checked ??= prepare(directory);
    try {
      await checked;
    } catch (error) {
      checked = null;
      throw error;
    }
  }

  async function run<T>(what: string, work: () => Promise<T>): Promise<T> {
    await ready();
    try {
      return await work();
    } catch (error) {
      throw storeError(error, what, directory);
    }
  }

  return {
    append: async (name, bytes) => run(`write to ${checkName(name)}`, () => appendTo(join(directory, name), bytes)),
    read: async (name) => run(`read ${checkName(name)}`, () => readWhole(join(directory, name))),
    list: () => run('list the files', () => listFiles(directory)),
    replace: async (name, bytes) => run(`write ${checkName(name)}`, () => replaceFile(directory, name, bytes)),
    remove: async (name) => run(`remove ${checkName(name)}`, () => removeFile(join(directory, name))),
  };
}

async function prepare(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { mode, uid } = await stat(directory);
    const own = process.geteuid?.() ?? uid;
    if (uid !== own || (process.platform !== 'win32' && (mode & 0o022) !== 0)) {
      throw new RampartError(
        'not-permitted',
        `the directory ${directory} ${uid === own ? 'can be written by other users' : 'belongs to another user'}`,
        `Choose a directory of your own, or take the right to write away from others: chmod go-w ${directory}`,
      );
    }
    await removeLeftovers(directory);
  } catch (error) {
    throw storeError(error, 'open the directory', directory);
  }
}

/** Temporary files of a replacement that a crash cut short. One writer at a time, so nobody else's. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(TEMPORARY)) await unlink(join(directory, name)).catch(ignore);
  }
}

async function appendTo(path: string, bytes: Uint8Array): Promise<void> {
  // O_NONBLOCK: a named pipe put in the file's place must not hang us.
  const file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const { size } = await regular(file);
    try {
      await writeAll(file, bytes);
    } catch (error) {
      // A full disk may take half of it: give that half back, so that the file ends where it ended.
      await file.truncate(size).catch(ignore);
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function readWhole(path: string): Promise<Uint8Array | null> {
  let file: FileHandle;
  try {
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    await regular(file);
    const buffer = await file.readFile();
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  } finally {
    await file.close();
  }
}

async function listFiles(directory: string): ReturnType<Store['list']> {
  const files: { name: string; bytes: number; modifiedMs: number }[] = [];
  for (const name of await readdir(directory)) {
    if (!isStoreName(name)) continue;
    const info = await lstat(join(directory, name)).catch(() => null);
    if (info?.isFile() === true) files.push({ name, bytes: info.size, modifiedMs: info.mtimeMs });
  }
  return files;
}

async function replaceFile(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(directory, `${TEMPORARY}${name}`);
  await unlink(temporary).catch(ignore);
  const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    await writeAll(file, bytes);
    // Before the rename: otherwise a power cut may leave the new name on an empty file.
    await file.sync();
    await file.close();
    await rename(temporary, join(directory, name));
  } catch (error) {
    await file.close().catch(ignore);
    await unlink(temporary).catch(ignore);
    throw error;
  }
  await syncDirectory(directory);
}

/** Makes the rename itself last. Not every file system can; the file is whole either way. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, O_RDONLY).catch(() => null);
  await handle?.sync().catch(ignore);
  await handle?.close();
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function regular(file: FileHandle): Promise<{ size: number }> {
  const info = await file.stat();
  if (info.isFile()) return info;
  throw Object.assign(new Error('not a regular file'), { code: 'ELOOP' });
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written);
    written += bytesWritten;
  }
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space; writing is tried again each minute.',
  EDQUOT: 'Your disk quota is used up: free some space; writing is tried again each minute.',
  EROFS: 'The file system is read-only: choose another directory for history.',
  EACCES: 'Give yourself the right to write there, or choose another directory for history.',
  EPERM: 'Give yourself the right to write there, or choose another directory for history.',
  ELOOP: 'Something that is no regular file stands in its place: remove it, or choose another directory.',
  ENOTDIR: 'A part of the path is a file: choose another directory for history.',
  EEXIST: 'A file stands where the directory should be: choose another directory for history.',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n).',
};

const NOT_PERMITTED = new Set(['EACCES', 'EPERM', 'EROFS', 'ELOOP']);

function storeError(error: unknown, what: string, directory: string): RampartError {
  if (error instanceof RampartError) return error;
  const code = codeOf(error);
  return new RampartError(
    NOT_PERMITTED.has(code) ? 'not-permitted' : 'io',
    `cannot ${what} in ${directory}: ${code === '' ? String(error) : code}`,
    HINTS[code] ?? 'Check the directory and its disk.',
    error,
  );
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function ignore(): void {}
