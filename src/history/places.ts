import { type Metric, METRICS, type SubjectId } from '../model/index.ts';
import { type BlockReader, metricOf, type Samples, seriesKey, subjectIdOf } from '../series/index.ts';
import type { Segment, SegmentBlock } from './segment.ts';

export interface SeriesPlaces {
  readonly subjectId: number;
  readonly metric: Metric;
  /** Rows of `#rows`. */
  first: number;
  count: number;
}

/** Where each series' chunks lie in many blocks: a directory of directories, in typed arrays. */
export class Places {
  readonly blocks: BlockReader[] = [];
  readonly subjects: SubjectId[] = [];
  /** Subject by subject. */
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
      for (const block of segment.blocks) this.#addBlock(block, segment.names, ids, index);
    }
    this.#order = this.#sort();
    this.series.sort((a, b) => a.subjectId - b.subjectId || METRICS.indexOf(a.metric) - METRICS.indexOf(b.metric));
  }

  /** Of the first sample; 0 when there is none. */
  get fromMs(): number {
    return this.blocks.length === 0 ? 0 : this.blocks.reduce((least, { fromMs }) => Math.min(least, fromMs), Infinity);
  }

  /** All times that several series share. */
  times(): Set<number> {
    return new Set(this.blocks.flatMap(({ axis }) => axis));
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
    packed: SegmentBlock,
    names: readonly (string | undefined)[],
    ids: Map<SubjectId, number>,
    index: Map<number, number>,
  ): void {
    const block = this.blocks.length;
    const before = this.#length;
    try {
      const reader = packed.open();
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
