import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Clock, LogLine } from '../../model/index.ts';

/** A whole ring of the usual 1 MiB has about 10,000 records; a larger one is read in part, from its beginning. */
const MAX_RECORDS = 50_000;
/** `LOG_LINE_MAX` and the prefix; a buffer that is too small makes the read fail. */
const RECORD_BYTES = 8192;

/**
 * `/dev/kmsg`, one record a read: `6,1234,5678901,-;Text` with microseconds of the monotonic clock. Readable by root, and
 * by others where `kernel.dmesg_restrict` is 0 (Documentation/ABI/testing/dev-kmsg). Null: it may not be read.
 */
export function readKernelLog(clock: Clock, fromMs: number, toMs: number, path = '/dev/kmsg'): LogLine[] | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const bootMs = clock.nowMs() - Number(process.hrtime.bigint()) / 1e6;
  const lines: LogLine[] = [];
  const buffer = Buffer.allocUnsafe(RECORD_BYTES);
  try {
    for (let count = 0; count < MAX_RECORDS; count += 1) {
      const text = nextRecord(fd, buffer);
      if (text === null) break;
      const record = parseRecord(text, bootMs);
      if (record !== null && record.atMs >= fromMs && record.atMs <= toMs) lines.push(record);
    }
  } finally {
    closeSync(fd);
  }
  return lines;
}

/** Null at the end. EPIPE: the record was overwritten meanwhile, and the next read goes on behind it. */
function nextRecord(fd: number, buffer: Buffer): string | null {
  try {
    const length = readSync(fd, buffer, 0, buffer.length, null);
    return length === 0 ? null : buffer.toString('utf8', 0, length);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EPIPE' || code === 'EINVAL' ? '' : null;
  }
}

function parseRecord(text: string, bootMs: number): LogLine | null {
  const found = /^\d+,\d+,(\d+),[^;]*;([^\n]*)/.exec(text);
  if (found === null) return null;
  return { atMs: Math.round(bootMs + Number(found[1]) / 1000), source: 'kernel', text: found[2] ?? '' };
}
