import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs';
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
 *
 * Synchronous on purpose: these files are small and local, and 30 µs of waiting cost less than the ten promises and the
 * file handle that an asynchronous read makes (measured: a tenth of the CPU, and no growth of the heap in a storm).
 */
export function readJsonInside(root: string, path: string, maxBytes: number): Read<unknown> {
  let fd: number | null = null;
  try {
    fd = openSync(path, OPEN_FLAGS);
    const stat = fstatSync(fd);
    if (!stat.isFile()) return failed('not a regular file');
    if (!isInside(realpathSync.native(root), realPathOf(fd, path))) {
      return failed('leads out of its directory through a symbolic link: refused');
    }
    if (stat.size > maxBytes) return failed(`${stat.size} bytes, more than the ${maxBytes} that are read`);
    const text = readAtMost(fd, stat.size);
    if (text.trim() === '') return failed('empty: still being written, or its writer died');
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, '')), stamp: stat };
  } catch (cause) {
    return reasonOf(cause);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** Where the opened file really is, asked of the descriptor where the system can tell: no race with a renamer. */
function realPathOf(fd: number, path: string): string {
  return process.platform === 'linux' ? readlinkSync(`/proc/self/fd/${fd}`) : realpathSync.native(path);
}

export function isInside(realRoot: string, real: string): boolean {
  return real === realRoot || real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep);
}

/** What grows meanwhile is cut, and so is torn: the next look reads it whole. */
function readAtMost(fd: number, size: number): string {
  const buffer = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const count = readSync(fd, buffer, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return buffer.toString('utf8', 0, length);
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
