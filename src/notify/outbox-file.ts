import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { RampartError } from '../model/index.ts';

/**
 * A file of lines that is appended to without waiting. Notifications are few and small, and only what is written before
 * the call returns is there after kill -9: so this is the one writer that is not asynchronous.
 */
export interface LineFile {
  /** All lines that are whole; the last one may be torn. */
  read(): string[];
  /** Throws, and leaves the file as it was. */
  append(lines: string): void;
  /** Old content or new, never a part. */
  replace(lines: string): void;
  bytes(): number;
  close(): void;
}

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants;

export function openLineFile(path: string): LineFile {
  let file: number | null = null;
  let size = 0;

  const opened = (): number => {
    if (file !== null) return file;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    const info = fstatSync(descriptor);
    if (!info.isFile()) {
      closeSync(descriptor);
      throw new RampartError('io', `${path} is no regular file`, 'Remove it: the outbox makes its own.');
    }
    size = info.size;
    file = descriptor;
    return file;
  };

  return {
    read() {
      const descriptor = opened();
      const text = readFileSync(descriptor, 'utf8');
      // What was torn must not swallow the next line.
      if (text !== '' && !text.endsWith('\n')) size += writeSync(descriptor, '\n');
      return text.split('\n').filter((line) => line !== '');
    },
    append(lines) {
      const descriptor = opened();
      try {
        writeAll(descriptor, lines);
        size = fstatSync(descriptor).size;
      } catch (cause) {
        // A full disk may have taken half of it.
        ftruncateSync(descriptor, size);
        throw cause;
      }
    },
    replace(lines) {
      const temporary = `${path}.new`;
      try {
        unlinkSync(temporary);
      } catch {
        // There is none, as it should be.
      }
      const next = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      try {
        writeAll(next, lines);
        fsyncSync(next);
      } catch (cause) {
        unlinkSync(temporary);
        throw cause;
      } finally {
        closeSync(next);
      }
      renameSync(temporary, path);
      if (file !== null) closeSync(file);
      file = null;
      opened();
    },
    bytes: () => size,
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
