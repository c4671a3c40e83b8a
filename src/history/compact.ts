import type { Store, SubjectId } from '../model/index.ts';
import { type BlockWriter, encodeRollup, makeAxis, Samples, summarise } from '../series/index.ts';
import { type HistoryFile, tableName } from './files.ts';
import { Places } from './places.ts';
import { readSegment, type Segment } from './segment.ts';
import { TableWriter } from './table.ts';

/** Step of the coarse tier. A minute is what the flush makes durable, and 1,440 a day still draw a smooth line. */
const ROLLUP_MS = 60_000;

export interface Compaction {
  /** The new min and raw tables; empty when the logs held nothing readable. */
  readonly tables: HistoryFile[];
  readonly corruptRecords: number;
}

/**
 * Rewrites logs, series by series, as one raw table and its one-minute summary. The logs hold a head for every series
 * and minute; a table holds one for every series, which is what brings a quiet process to a few bytes an hour. Reads one
 * series at a time; `pause` is awaited in between, so that a long rewrite never holds up a tick.
 */
export async function compact(
  store: Store,
  logs: readonly HistoryFile[],
  pause: () => Promise<void>,
): Promise<Compaction> {
  const segments: Segment[] = [];
  for (const log of logs) {
    const bytes = await store.read(log.name);
    if (bytes !== null) segments.push(readSegment(bytes));
  }
  const places = new Places(segments);
  const firstMinute = Math.floor(places.fromMs / ROLLUP_MS) * ROLLUP_MS;
  const raw = new TableWriter('raw', makeAxis(places.times()));
  const min = new TableWriter('min', makeAxis([firstMinute, firstMinute + ROLLUP_MS]));
  const samples = new Samples(4096);
  let corrupt = places.corrupt;
  let subject = -1;
  for (const series of places.series) {
    if (series.subjectId !== subject) {
      subject = series.subjectId;
      const name = places.subjects[subject] as SubjectId;
      raw.begin(name);
      min.begin(name);
    }
    samples.clear();
    corrupt += places.decode(series, samples);
    if (samples.count === 0) continue;
    samples.sortByTime();
    raw.block.add(raw.key(series.metric), samples);
    addRollup(min.block, min.key(series.metric), samples);
    await pause();
  }
  return { tables: await writeTables(store, logs, [min, raw]), corruptRecords: corrupt };
}

/** Min first, then raw: see `clearLeftovers`. */
async function writeTables(
  store: Store,
  logs: readonly HistoryFile[],
  writers: readonly TableWriter[],
): Promise<HistoryFile[]> {
  const first = Math.min(...logs.map((log) => log.first));
  const last = Math.max(...logs.map((log) => log.last));
  const tables: HistoryFile[] = [];
  try {
    for (const writer of writers) {
      const bytes = writer.finish();
      if (bytes === null) continue;
      const { kind, fromMs, toMs } = writer;
      const name = tableName(kind, first, last, fromMs, toMs);
      await store.replace(name, bytes);
      tables.push({ name, kind, first, last, fromMs, toMs, bytes: bytes.length });
    }
  } catch (error) {
    for (const { name } of tables) await store.remove(name).catch(() => undefined);
    throw error;
  }
  return tables;
}

function addRollup(writer: BlockWriter, key: number, samples: Samples): void {
  const summaries = summarise(samples, ROLLUP_MS);
  for (let from = 0; from < summaries.length; from += MAX_SUMMARIES) {
    const part = summaries.slice(from, from + MAX_SUMMARIES);
    writer.addChunk(key, (out, axis) => encodeRollup(out, part, axis));
  }
  const last = summaries[summaries.length - 1];
  if (last !== undefined) writer.cover(summaries[0]?.tMs ?? last.tMs, last.tMs, samples.count);
}

/** A chunk holds at most 65,536. */
const MAX_SUMMARIES = 65_536;
