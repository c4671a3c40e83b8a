import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Enough of a file's metadata to see that it is not the one that was read before. */
export interface Stamp {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

export type Read<T> =
  | { readonly ok: true; readonly value: T; readonly stamp: Stamp }
  | { readonly ok: false; readonly missing: boolean; readonly reason: string };

/** NONBLOCK: the name may be a FIFO, whose open would wait for a writer for ever. NOFOLLOW: the last part may be a link. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Reads one JSON file that others write. Only a regular file inside `root` of at most `maxBytes` is read: symbolic links
 * that lead out, FIFOs, devices and huge files are refused. Empty and torn content is a reason, never an exception.
 * JSON.parse does not recurse, so nesting needs no cap of its own as long as the caller only picks named fields.
 */
export async function readJsonInside(root: string, path: string, maxBytes: number): Promise<Read<unknown>> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, OPEN_FLAGS);
    const stat = await handle.stat();
    const refusal = stat.isFile() ? await outside(root, path, handle) : 'not a regular file';
    if (refusal !== null) return failed(refusal);
    if (stat.size > maxBytes) return failed(`${stat.size} bytes, more than the ${maxBytes} that are read`);
    const text = await readAtMost(handle, maxBytes);
    if (text === null) return failed(`grew beyond the ${maxBytes} bytes that are read`);
    if (text.trim() === '') return failed('empty: still being written, or its writer died');
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, '')), stamp: stat };
  } catch (cause) {
    return reasonOf(cause);
  } finally {
    await handle?.close();
  }
}

/** Where the opened file really is, asked of the descriptor where the system can tell: no race with a renamer. */
async function outside(root: string, path: string, handle: FileHandle): Promise<string | null> {
  const [realRoot, real] = await Promise.all([
    realpath(root),
    process.platform === 'linux' ? readlink(`/proc/self/fd/${handle.fd}`) : realpath(path),
  ]);
  return isInside(realRoot, real) ? null : 'leads out of its directory through a symbolic link: refused';
}

export function isInside(realRoot: string, real: string): boolean {
  return real === realRoot || real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep);
}

async function readAtMost(handle: FileHandle, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(16_384), position: total });
    if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8');
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total > maxBytes) return null;
  }
}

function failed(reason: string, missing = false): Read<never> {
  return { ok: false, missing, reason };
}

function reasonOf(cause: unknown): Read<never> {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return failed('does not exist', true);
  if (code === 'ELOOP' || code === 'EMLINK') return failed('a symbolic link: refused');
  if (code === 'EACCES' || code === 'EPERM') return failed('may not be read by this user');
  if (cause instanceof SyntaxError) return failed('not complete JSON: still being written, or its writer died');
  return failed(`cannot be read: ${code ?? 'unknown error'}`);
}
