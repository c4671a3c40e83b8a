import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import {
  ACTION_NAMES,
  RampartError,
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
  type Outcome,
} from '../../model/index.ts';
import { redactText, sanitise } from '../../untrusted/index.ts';
import type { Restore } from '../define.ts';

/** One line. What can be put back stands in it as soon as it was changed, so that it can be undone after a crash. */
export interface AuditRecord extends AuditEntry {
  readonly outcome?: Outcome;
  readonly restores?: readonly Restore[];
}

export interface Audit {
  /** Returns when the line is with the kernel; kill -9 loses nothing after that. Throws `RampartError('io')`. */
  write(record: AuditRecord): void;
  /** All records, oldest first, and how many lines could not be read. */
  read(): { readonly records: readonly AuditRecord[]; readonly torn: number };
  query(query: AuditQuery, nowMs: number): AuditPage;
}

/** A reap of a thousand processes writes half a megabyte. Four files of this size are years of use. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const OLD_FILES = 3;
const MAX_DETAIL = 2_000;

export interface AuditOptions {
  /** `…/actions.jsonl`; older ones get `.1`, `.2`, `.3`. */
  readonly path: string;
  readonly maxFileBytes?: number;
  /** Tests play a full disk with it. */
  readonly write?: (fd: number, bytes: Buffer) => number;
}

/** Append-only JSON lines, 0600. No audit, no action: whoever cannot write here must not go on. */
export function createAudit(options: AuditOptions): Audit {
  const { path, maxFileBytes = MAX_FILE_BYTES, write = (fd, bytes) => writeSync(fd, bytes) } = options;
  const append = (record: AuditRecord): void => {
    rotate(path, maxFileBytes);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const fd = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      fchmodSync(fd, 0o600);
      // A line that a crash or a full disk cut off ends here; ours begins on a line of its own.
      const bytes = Buffer.from(`${endsInTheMiddle(fd) ? '\n' : ''}${JSON.stringify(clean(record))}\n`);
      if (write(fd, bytes) !== bytes.length) throw new Error('the disk is full');
      // The first line of an action promises that the others can be written: a full disk may show only here.
      if (record.event === 'started' || record.event === 'finished') fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  };

  const read: Audit['read'] = () => {
    const records: AuditRecord[] = [];
    let torn = 0;
    for (let n = OLD_FILES; n >= 0; n -= 1) {
      for (const line of linesOf(n === 0 ? path : `${path}.${n}`)) {
        const record = parse(line);
        if (record === null) torn += 1;
        else records.push(record);
      }
    }
    return { records, torn };
  };

  return {
    write: (record) => {
      try {
        append(record);
      } catch (cause) {
        throw new RampartError(
          'io',
          `the audit log cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
          'Without it nothing is done: make room on the disk of the state directory.',
          cause,
        );
      }
    },
    read,
    query: ({ fromMs = 0, action, process, limit = 100 }, nowMs) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
        throw new RampartError('bad-input', `limit is ${limit}`, 'Valid: 1 to 1000.');
      }
      const { records, torn } = read();
      const wanted = records
        .filter((record) => record.atMs >= fromMs && (action === undefined || record.action === action))
        .filter((record) => process === undefined || isAbout(record, process))
        .toReversed();
      return {
        schemaVersion: 1,
        atMs: nowMs,
        entries: wanted.slice(0, limit).map(entryOf),
        more: Math.max(0, wanted.length - limit),
        torn,
      };
    },
  };
}

const entryOf = ({ atMs, id, event, action, origin, process, detail }: AuditRecord): AuditEntry => ({
  atMs,
  id,
  event,
  action,
  origin,
  process,
  detail,
});

/** A key, or a bare pid: then every process that had it. */
const isAbout = ({ process }: AuditEntry, asked: string): boolean =>
  process === asked || (process !== null && process.split(':')[0] === asked);

function clean(record: AuditRecord): AuditRecord {
  return { ...record, detail: sanitise(redactText(record.detail), MAX_DETAIL) };
}

function rotate(path: string, maxBytes: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < maxBytes) return;
  for (let n = OLD_FILES; n >= 1; n -= 1) {
    const from = n === 1 ? path : `${path}.${n - 1}`;
    if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${path}.${n}`);
  }
}

function endsInTheMiddle(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== 0x0a;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new RampartError(
      'io',
      'the audit log cannot be read',
      'Check the state directory (`rampart doctor`).',
      error,
    );
  }
}

const EVENTS = new Set(['planned', 'refused', 'started', 'signal', 'step', 'finished', 'undone']);

/** Null: torn, or not one of ours. */
function parse(line: string): AuditRecord | null {
  let value: Partial<AuditRecord> | null;
  try {
    value = JSON.parse(line) as Partial<AuditRecord> | null;
  } catch {
    return null;
  }
  const isOurs =
    typeof value === 'object' &&
    value !== null &&
    typeof value.atMs === 'number' &&
    typeof value.id === 'string' &&
    typeof value.detail === 'string' &&
    EVENTS.has(value.event ?? '') &&
    (ACTION_NAMES as readonly (string | undefined)[]).includes(value.action);
  return isOurs ? (value as AuditRecord) : null;
}
