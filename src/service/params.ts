import {
  RampartError,
  type Caller,
  type LeakQuery,
  type Metric,
  type MetricsQuery,
  type ProcessQuery,
} from '../model/index.ts';

/**
 * Parameters as they come off the socket, checked by hand: the service has no other use for a schema library on this
 * path, and values are checked again by meaning where the queries are answered.
 */

type Fields = Readonly<Record<string, unknown>>;

const FACES: readonly Caller['face'][] = ['stdio', 'http', 'cli', 'library'];

/** Longer than any id or search word that makes sense. */
const MAX_TEXT = 1_000;

export function readCaller(params: unknown): Caller {
  const fields = object(params);
  return {
    face: FACES.find((face) => face === fields['face']) ?? 'library',
    pid: integerOrNull(fields, 'pid'),
    sessionId: textOrNull(fields, 'sessionId'),
    clientName: textOrNull(fields, 'clientName'),
  };
}

export function readProcessQuery(params: unknown): ProcessQuery {
  const fields = object(params ?? {});
  return {
    match: textOrNull(fields, 'match') ?? undefined,
    sessionId: textOrNull(fields, 'sessionId') ?? undefined,
    // Words of a fixed list are checked with the query, where the error can name the valid ones.
    role: (textOrNull(fields, 'role') ?? undefined) as ProcessQuery['role'],
    verdict: (textOrNull(fields, 'verdict') ?? undefined) as ProcessQuery['verdict'],
    sort: (textOrNull(fields, 'sort') ?? undefined) as ProcessQuery['sort'],
    limit: integerOrNull(fields, 'limit') ?? undefined,
    cursor: textOrNull(fields, 'cursor') ?? undefined,
  };
}

export function readLeakQuery(params: unknown): LeakQuery {
  const fields = object(params ?? {});
  return {
    target: textOrNull(fields, 'target') ?? undefined,
    minScore: fields['minScore'] == null ? undefined : number(fields, 'minScore'),
    windowMs: fields['windowMs'] == null ? undefined : number(fields, 'windowMs'),
    limit: integerOrNull(fields, 'limit') ?? undefined,
  };
}

export function readMetricsQuery(params: unknown): MetricsQuery {
  const fields = object(params);
  return {
    subject: text(fields, 'subject'),
    metric: text(fields, 'metric') as Metric,
    fromMs: number(fields, 'fromMs'),
    toMs: number(fields, 'toMs'),
    maxPoints: number(fields, 'maxPoints'),
  };
}

function object(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw bad('params', 'an object');
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.length <= MAX_TEXT) return value;
  throw bad(name, `a text of at most ${MAX_TEXT} characters`);
}

const textOrNull = (fields: Fields, name: string): string | null => (fields[name] == null ? null : text(fields, name));

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw bad(name, 'a number');
}

function integerOrNull(fields: Fields, name: string): number | null {
  if (fields[name] == null) return null;
  const value = number(fields, name);
  if (Number.isSafeInteger(value)) return value;
  throw bad(name, 'a whole number');
}

const bad = (name: string, wanted: string): RampartError =>
  new RampartError('bad-input', `'${name}' must be ${wanted}`, 'Correct the parameter and ask again.');
