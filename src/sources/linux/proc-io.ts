import { closeSync, openSync, readSync, readdirSync, readlinkSync } from 'node:fs';

/** Why a read gave nothing. Numbers, so that the hot path builds no object for them. */
export const GONE = -1; // the process ended (ENOENT, ESRCH)
export const DENIED = -2; // another user's process, or hidepid (EACCES, EPERM)
export const EXHAUSTED = -3; // no descriptor left (EMFILE, ENFILE)
export const FAILED = -4; // anything else, such as EIO
/** Reason for a DENIED. */
export const NOT_PERMITTED = "the kernel does not let us look: another user's or a protected process";
export type ReadFailure = typeof GONE | typeof DENIED | typeof EXHAUSTED | typeof FAILED;

/** Enough for every one-shot file here: `stat` < 1 KB, `meminfo` and `smaps_rollup` < 2 KB, `status` < 4 KB. */
const BUFFER_BYTES = 8192;

/**
 * Synchronous reads of procfs. Its files are made of memory and answer in microseconds: a trip through the thread pool
 * costs forty times the read itself. One buffer serves all: what a read left in `bytes` is valid until the next read.
 */
export interface ProcIo {
  readonly bytes: Buffer;
  /** Opens a file to keep; a descriptor, or a failure. */
  open(path: string): number;
  close(fd: number): void;
  /** Reads a kept descriptor from its start; bytes read, or a failure. GONE also when the pid was reused since. */
  readKept(fd: number): number;
  /** Opens, reads once, closes; bytes read, or a failure. */
  read(path: string): number;
  /** The whole file up to `maxBytes` (`cut` when there was more); for files that outgrow the buffer. */
  readAll(path: string, maxBytes: number): { readonly bytes: Buffer; readonly cut: boolean } | ReadFailure;
  /** Target of a link such as `exe`; the kernel's text, not resolved further. */
  link(path: string): string | ReadFailure;
  list(path: string): readonly string[] | ReadFailure;
}

export function createProcIo(): ProcIo {
  const bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES);

  const open = (path: string): number => {
    try {
      return openSync(path, 'r');
    } catch (error) {
      return failureOf(error);
    }
  };

  const readKept = (fd: number): number => {
    try {
      return readSync(fd, bytes, 0, BUFFER_BYTES, 0);
    } catch (error) {
      return failureOf(error);
    }
  };

  return {
    bytes,
    open,
    close: closeQuietly,
    readKept,
    read(path) {
      const fd = open(path);
      if (fd < 0) return fd;
      const length = readKept(fd);
      closeQuietly(fd);
      return length;
    },
    readAll(path, maxBytes) {
      const fd = open(path);
      if (fd < 0) return fd as ReadFailure;
      try {
        return readToEnd(fd, maxBytes);
      } catch (error) {
        return failureOf(error);
      } finally {
        closeQuietly(fd);
      }
    },
    link(path) {
      try {
        return readlinkSync(path);
      } catch (error) {
        return failureOf(error);
      }
    },
    list(path) {
      try {
        return readdirSync(path);
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

/** procfs hands out large files page by page and never tells a size: read until it says there is no more. */
function readToEnd(fd: number, maxBytes: number): { bytes: Buffer; cut: boolean } {
  let bytes = Buffer.allocUnsafeSlow(Math.min(maxBytes, 16_384));
  let length = 0;
  for (;;) {
    if (length === bytes.length) {
      if (length >= maxBytes) return { bytes, cut: true };
      const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, bytes.length * 4));
      bytes.copy(larger);
      bytes = larger;
    }
    const count = readSync(fd, bytes, length, bytes.length - length, null);
    if (count === 0) return { bytes: bytes.subarray(0, length), cut: false };
    length += count;
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // A descriptor that cannot be closed was closed already; nothing is lost.
  }
}

function failureOf(error: unknown): ReadFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR') return GONE;
  if (code === 'EACCES' || code === 'EPERM') return DENIED;
  if (code === 'EMFILE' || code === 'ENFILE') return EXHAUSTED;
  return FAILED;
}
