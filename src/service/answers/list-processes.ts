import {
  RampartError,
  type Lifecycle,
  type ProcessPage,
  type ProcessQuery,
  type ProcessReport,
  type Role,
} from '../../model/index.ts';
import { sizeOf } from './reports.ts';

export const SORTS = ['memory', 'rss', 'cpu', 'age'] as const;
type Sort = (typeof SORTS)[number];
export const ROLES: readonly Role[] = ['agent', 'server', 'wrapper', 'tool', 'other'];
export const VERDICTS: readonly Lifecycle[] = [
  'busy',
  'idle',
  'retained',
  'duplicate',
  'stale',
  'orphan',
  'zombie',
  'unknown',
];
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 500;

/** Largest first; age: oldest first. */
const MEASURE: Record<Sort, (report: ProcessReport, atMs: number) => number> = {
  memory: sizeOf,
  rss: (report) => report.rssBytes,
  cpu: (report) => report.cpuPercent ?? 0,
  age: (report, atMs) => (report.startedAtMs === null ? 0 : atMs - report.startedAtMs),
};

/** Where a page ended: the next holds what comes after it in the same order, whatever started or ended meanwhile. */
interface Cursor {
  readonly sort: Sort;
  readonly value: number;
  readonly id: string;
  /** Age grows with time: it is compared as it was on the first page. */
  readonly atMs: number;
}

export function listProcesses(all: readonly ProcessReport[], query: ProcessQuery, nowMs: number): ProcessPage {
  const cursor = query.cursor === undefined ? null : readCursor(query.cursor);
  const sort = cursor?.sort ?? oneOf('sort', query.sort ?? 'memory', SORTS);
  const limit = checkLimit(query.limit ?? DEFAULT_LIMIT);
  const atMs = cursor?.atMs ?? nowMs;
  const chosen = all
    .filter(matcher(query))
    .map((report) => ({ report, value: MEASURE[sort](report, atMs) }))
    .toSorted((a, b) => order(a.value, a.report.id, b.value, b.report.id));
  const rest =
    cursor === null
      ? chosen
      : chosen.filter(({ value, report }) => order(value, report.id, cursor.value, cursor.id) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    atMs: nowMs,
    total: chosen.length,
    processes: page.map(({ report }) => report),
    nextCursor:
      last === undefined || rest.length <= limit
        ? null
        : writeCursor({ sort, value: last.value, id: last.report.id, atMs }),
  };
}

function order(valueA: number, idA: string, valueB: number, idB: string): number {
  return valueB - valueA || (idA < idB ? -1 : idA > idB ? 1 : 0);
}

function matcher(query: ProcessQuery): (report: ProcessReport) => boolean {
  const word = query.match?.toLowerCase();
  const role = query.role === undefined ? undefined : oneOf('role', query.role, ROLES);
  const verdict = query.verdict === undefined ? undefined : oneOf('verdict', query.verdict, VERDICTS);
  return (report) =>
    (role === undefined || report.role === role) &&
    (verdict === undefined || report.verdict === verdict) &&
    (query.sessionId === undefined || report.sessionId === query.sessionId) &&
    (word === undefined || report.name.toLowerCase().includes(word) || report.command.toLowerCase().includes(word));
}

function oneOf<T extends string>(name: string, value: string, valid: readonly T[]): T {
  const found = valid.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new RampartError('bad-input', `there is no ${name} '${value.slice(0, 50)}'`, `Valid: ${valid.join(', ')}.`);
}

function checkLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new RampartError('bad-input', `limit is ${limit}`, `Valid: 1 to ${MAX_LIMIT}; go on with the cursor.`);
}

function writeCursor({ sort, value, id, atMs }: Cursor): string {
  return Buffer.from(JSON.stringify([sort, value, id, atMs])).toString('base64url');
}

function readCursor(text: string): Cursor {
  try {
    const fields: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(fields)) {
      const [sort, value, id, atMs] = fields as unknown[];
      const known = SORTS.find((candidate) => candidate === sort);
      if (known !== undefined && Number.isFinite(value) && typeof id === 'string' && Number.isFinite(atMs)) {
        return { sort: known, value: value as number, id, atMs: atMs as number };
      }
    }
  } catch {
    // Told below.
  }
  throw new RampartError('bad-input', 'this cursor is not one of ours', 'Leave it out to begin with the first page.');
}
