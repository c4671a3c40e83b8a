import type { Metric, Store, SubjectId } from '../model/index.ts';
import {
  type Block,
  type BlockReader,
  BlockWriter,
  encodeRollup,
  makeAxis,
  metricOf,
  Samples,
  seriesKey,
  subjectIdOf,
  summarise,
} from '../series/index.ts';
import { type HistoryFile, tableName } from './files.ts';
import { encodeTable, readSegment, type Segment } from './segment.ts';

/** Step of the coarse tier. A minute is what the flush makes durable, and 1,440 a day still draw a smooth line. */
export const ROLLUP_MS = 60_000;

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
  const axis = makeAxis(places.blocks.flatMap(({ axis: times }) => times));
  const firstMinute = places.blocks.length === 0 ? 0 : Math.floor(places.fromMs / ROLLUP_MS) * ROLLUP_MS;
  const raw = new BlockWriter(axis);
  const min = new BlockWriter(makeAxis([firstMinute, firstMinute + ROLLUP_MS]));
  const samples = new Samples(4096);
  let corrupt = places.corrupt;
  // Metric by metric: then most series numbers follow the one before.
  for (const series of places.series.toSorted((a, b) => keyOf(a) - keyOf(b))) {
    samples.clear();
    corrupt += places.decode(series, samples);
    if (samples.count === 0) continue;
    samples.sortByTime();
    const key = keyOf(series);
    raw.add(key, samples);
    addRollup(min, key, samples);
    await pause();
  }
  const tables = await writeTables(store, logs, places.subjects, { min: min.finish(), raw: raw.finish() });
  return { tables, corruptRecords: corrupt };
}

/** Min first, then raw: see `clearLeftovers`. */
async function writeTables(
  store: Store,
  logs: readonly HistoryFile[],
  names: readonly SubjectId[],
  blocks: Readonly<Record<'min' | 'raw', Block | null>>,
): Promise<HistoryFile[]> {
  const first = Math.min(...logs.map((log) => log.first));
  const last = Math.max(...logs.map((log) => log.last));
  const tables: HistoryFile[] = [];
  try {
    for (const kind of ['min', 'raw'] as const) {
      const block = blocks[kind];
      if (block === null) continue;
      const { fromMs, toMs } = block;
      const name = tableName(kind, first, last, fromMs, toMs);
      const bytes = encodeTable(kind, { frame: 0, firstName: 0, names, block: block.bytes });
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

function keyOf({ subjectId, metric }: SeriesPlaces): number {
  return seriesKey(subjectId, metric);
}

interface SeriesPlaces {
  readonly subjectId: number;
  readonly metric: Metric;
  /** Rows of `#rows`. */
  first: number;
  count: number;
}

/** Where each series' chunks lie in many blocks: a directory of directories, in typed arrays. */
class Places {
  readonly blocks: BlockReader[] = [];
  readonly subjects: SubjectId[] = [];
  readonly series: SeriesPlaces[] = [];
  corrupt = 0;
  /** Four numbers a row: series, block, from, to; then, sorted by series. */
  #rows = new Uint32Array(4096);
  #length = 0;
  readonly #order: Uint32Array;

  constructor(segments: readonly Segment[]) {
    const ids = new Map<SubjectId, number>();
    const index = new Map<number, number>();
    for (const segment of segments) {
      this.corrupt += segment.corrupt;
      for (const { reader } of segment.blocks) this.#addBlock(reader, segment.names, ids, index);
    }
    this.#order = this.#sort();
  }

  get fromMs(): number {
    return this.blocks.reduce((least, { fromMs }) => Math.min(least, fromMs), Infinity);
  }

  decode(series: SeriesPlaces, into: Samples): number {
    let corrupt = 0;
    for (let index = series.first; index < series.first + series.count; index += 1) {
      const row = (this.#order[index] as number) * 4;
      const block = this.blocks[this.#rows[row + 1] as number] as BlockReader;
      const before = into.count;
      try {
        block.decode(this.#rows[row + 2] as number, this.#rows[row + 3] as number, into);
      } catch {
        into.count = before;
        corrupt += 1;
      }
    }
    return corrupt;
  }

  #addBlock(
    reader: BlockReader,
    names: readonly (string | undefined)[],
    ids: Map<SubjectId, number>,
    index: Map<number, number>,
  ): void {
    const block = this.blocks.length;
    const before = this.#length;
    try {
      reader.entries((key, from, to) => {
        const subject = names[subjectIdOf(key)];
        const metric = metricOf(key);
        if (subject === undefined || metric === null) return;
        this.#addRow(this.#seriesNumber(subject, metric, ids, index), block, from, to);
      });
      this.blocks.push(reader);
    } catch {
      this.#length = before;
      this.corrupt += 1;
    }
  }

  #seriesNumber(subject: SubjectId, metric: Metric, ids: Map<SubjectId, number>, index: Map<number, number>): number {
    let subjectId = ids.get(subject);
    if (subjectId === undefined) {
      subjectId = this.subjects.length;
      this.subjects.push(subject);
      ids.set(subject, subjectId);
    }
    const key = seriesKey(subjectId, metric);
    const known = index.get(key);
    if (known !== undefined) return known;
    this.series.push({ subjectId, metric, first: 0, count: 0 });
    index.set(key, this.series.length - 1);
    return this.series.length - 1;
  }

  #addRow(...row: [series: number, block: number, from: number, to: number]): void {
    if (this.#length + 4 > this.#rows.length) {
      const larger = new Uint32Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows.set(row, this.#length);
    this.#length += 4;
  }

  /** Counting sort: rows of one series side by side, in the order they came. */
  #sort(): Uint32Array {
    const rows = this.#length / 4;
    for (let row = 0; row < rows; row += 1) (this.series[this.#rows[row * 4] as number] as SeriesPlaces).count += 1;
    let next = 0;
    for (const series of this.series) {
      series.first = next;
      next += series.count;
      series.count = 0;
    }
    const order = new Uint32Array(rows);
    for (let row = 0; row < rows; row += 1) {
      const series = this.series[this.#rows[row * 4] as number] as SeriesPlaces;
      order[series.first + series.count] = row;
      series.count += 1;
    }
    return order;
  }
}
