import { closeSync, constants, fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { type DetectorSample, RampartError } from '../../model/index.ts';
import { COLUMNS, type Column } from './columns.ts';

export interface TraceWriter {
  readonly path: string;
  readonly rows: number;
  /** Returns when the row is with the kernel: a crash of ours tears at most the last line. */
  write(sample: DetectorSample): void;
  close(): void;
}

/** A CSV file that only this user may read. An existing one is not touched, unless it is empty (as mktemp makes it). */
export function createTraceWriter(path: string, columns: readonly Column[]): TraceWriter {
  const fd = attempt(path, () => openEmpty(path));
  let rows = 0;
  const put = (text: string): void => void attempt(path, () => writeSync(fd, text));
  put(`${columns.join(',')}\n`);
  return {
    path,
    get rows() {
      return rows;
    },
    write(sample) {
      put(`${columns.map((column) => cell(sample[COLUMNS[column]])).join(',')}\n`);
      rows += 1;
    },
    close: () => closeSync(fd),
  };
}

function openEmpty(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    // Opened without following a link or waiting for the other end of a pipe.
    const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (stat.isFile() && stat.size === 0) {
      fchmodSync(fd, 0o600);
      return fd;
    }
    closeSync(fd);
    throw cause;
  }
}

/** Not known is an empty cell. Ratios keep four digits; everything else is whole. */
function cell(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '';
  return Number.isInteger(value) ? String(value) : String(Math.round(value * 10_000) / 10_000);
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ELOOP' || code === 'ENXIO')
      throw new RampartError(
        'bad-input',
        `${path} exists`,
        'Give --out a new name: a recording is never overwritten.',
        cause,
      );
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      throw new RampartError(
        'not-permitted',
        `${path} may not be written`,
        'Give --out a place that you may write to.',
        cause,
      );
    throw new RampartError('io', `cannot write ${path}: ${message}`, 'What was written before is kept.', cause);
  }
}
