import type { Store } from '../model/index.ts';
import { type Segment, readSegment } from './segment.ts';
import type { Kind } from './frames.ts';

/**
 * The files of a history, told by their names, so that opening one reads no tables:
 *
 *   log-0000000012.seg                      what was flushed minute by minute, in the order it came
 *   raw-0000000005-0000000012-FROM-TO.seg   what logs 5 … 12 held, series by series
 *   min-0000000005-0000000012-FROM-TO.seg   the same as least, mean and greatest of each minute
 *
 * A raw table and its min table hold the same stretch; queries read the raw one while it is there.
 */
export interface HistoryFile {
  readonly name: string;
  readonly kind: Kind;
  /** Number of the log, or of the first and last log that went into the table. */
  readonly first: number;
  readonly last: number;
  /** Times inside; −∞ … ∞ of a log until it is read. */
  fromMs: number;
  toMs: number;
  bytes: number;
}

const LOG_NAME = /^log-(\d{10})\.seg$/;
const TABLE_NAME = /^(raw|min)-(\d{10})-(\d{10})-(\d{1,15})-(\d{1,15})\.seg$/;

/** No file of ours gets near this; a larger one is not read, so that it cannot fill our memory. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export function logName(sequence: number): string {
  return `log-${padded(sequence)}.seg`;
}

export function tableName(kind: 'raw' | 'min', first: number, last: number, fromMs: number, toMs: number): string {
  return `${kind}-${padded(first)}-${padded(last)}-${fromMs}-${toMs}.seg`;
}

function padded(sequence: number): string {
  return String(sequence).padStart(10, '0');
}

function parseName(name: string, bytes: number): HistoryFile | null {
  const log = LOG_NAME.exec(name);
  if (log !== null) {
    const sequence = Number(log[1]);
    return { name, kind: 'log', first: sequence, last: sequence, fromMs: -Infinity, toMs: Infinity, bytes };
  }
  const table = TABLE_NAME.exec(name);
  if (table === null) return null;
  const [first = 0, last = 0, fromMs = 0, toMs = 0] = table.slice(2).map(Number);
  return { name, kind: table[1] as Kind, first, last, fromMs, toMs, bytes };
}

export interface Catalogue {
  /** By sequence. A log that is being written is not in it until it is closed. */
  files: HistoryFile[];
  nextSequence: number;
  corruptRecords: number;
  tornTails: number;
  /** Files that are left alone, and why. */
  readonly foreign: { name: string; reason: string }[];
}

/** Lists what is there, reads the logs that a former run left, and clears away what a cut-short compaction left. */
export async function loadCatalogue(store: Store): Promise<Catalogue> {
  const catalogue: Catalogue = { files: [], nextSequence: 1, corruptRecords: 0, tornTails: 0, foreign: [] };
  for (const { name, bytes } of await store.list()) {
    const file = parseName(name, bytes);
    if (file === null) continue;
    catalogue.nextSequence = Math.max(catalogue.nextSequence, file.last + 1);
    if (bytes > MAX_FILE_BYTES) catalogue.foreign.push({ name, reason: `larger than ${MAX_FILE_BYTES} bytes` });
    else catalogue.files.push(file);
  }
  catalogue.files.sort((a, b) => a.last - b.last);
  await clearLeftovers(store, catalogue);
  for (const file of catalogue.files.filter(({ kind }) => kind === 'log')) await examineLog(store, catalogue, file);
  return catalogue;
}

/**
 * A compaction writes min, then raw, then removes the logs. Cut short after raw, the logs are left over; cut short
 * before, the min table is: its logs are all there still and are compacted again, maybe with later ones.
 */
async function clearLeftovers(store: Store, catalogue: Catalogue): Promise<void> {
  const leftovers = catalogue.files.filter((file) => isLeftover(file, catalogue.files));
  catalogue.files = catalogue.files.filter((file) => !leftovers.includes(file));
  // Should this fail (a read-only directory), it is at least not counted twice.
  for (const { name } of leftovers) await store.remove(name).catch(() => undefined);
}

function isLeftover(file: HistoryFile, files: readonly HistoryFile[]): boolean {
  if (file.kind === 'raw') return false;
  if (file.kind === 'log') return files.some((raw) => raw.kind === 'raw' && overlaps(file, raw));
  const twin = files.some((raw) => raw.kind === 'raw' && raw.first === file.first && raw.last === file.last);
  const logsLeft = files.some((log) => log.kind === 'log' && overlaps(file, log));
  const redone = files.some((table) => table.kind !== 'log' && table.last > file.last && overlaps(file, table));
  return !twin && (logsLeft || redone);
}

function overlaps(one: HistoryFile, other: HistoryFile): boolean {
  return one.first <= other.last && other.first <= one.last;
}

async function examineLog(store: Store, catalogue: Catalogue, file: HistoryFile): Promise<void> {
  const bytes = await store.read(file.name);
  const segment = bytes === null ? null : readSegment(bytes);
  if (segment === null || segment.header === 'newer' || segment.header === 'other') {
    catalogue.files = catalogue.files.filter((other) => other !== file);
    if (segment !== null) catalogue.foreign.push({ name: file.name, reason: reasonOf(segment) });
    return;
  }
  catalogue.corruptRecords += segment.corrupt;
  if (segment.tornBytes > 0) catalogue.tornTails += 1;
  // A log without a whole record keeps ∞ … −∞: no window meets it.
  file.fromMs = segment.blocks.reduce((least, block) => Math.min(least, block.fromMs), Infinity);
  file.toMs = segment.blocks.reduce((most, block) => Math.max(most, block.toMs), -Infinity);
}

function reasonOf(segment: Segment): string {
  return segment.header === 'newer' ? 'written by a later version' : 'not a history file';
}
