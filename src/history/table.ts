import type { Metric, SubjectId } from '../model/index.ts';
import { type Axis, BlockWriter, seriesKey } from '../series/index.ts';
import { concatBytes, encodeHeader } from './frames.ts';
import { encodeRecord } from './segment.ts';

/** Inflated size of a table's block: small enough to open in half a ms, large enough that its time axis is 3 % of it. */
const BLOCK_BYTES = 128 * 1024;

/** Builds a table subject by subject: records of one block each, with the names of the block's subjects. */
export class TableWriter {
  readonly kind: 'raw' | 'min';
  block: BlockWriter;
  fromMs = Infinity;
  toMs = -Infinity;
  readonly #axis: Axis;
  readonly #records: Uint8Array[] = [];
  #names: SubjectId[] = [];
  #firstName = 0;

  constructor(kind: 'raw' | 'min', axis: Axis) {
    this.kind = kind;
    this.#axis = axis;
    this.block = new BlockWriter(axis);
  }

  /** All chunks of a subject go into one block. */
  begin(subject: SubjectId): void {
    if (this.block.length >= BLOCK_BYTES) this.#endBlock();
    this.#names.push(subject);
  }

  /** The series number of a metric of the subject that was begun last. */
  key(metric: Metric): number {
    return seriesKey(this.#firstName + this.#names.length - 1, metric);
  }

  /** The whole file; null: nothing in it. */
  finish(): Uint8Array | null {
    this.#endBlock();
    return this.#records.length === 0 ? null : concatBytes([encodeHeader(this.kind), ...this.#records]);
  }

  #endBlock(): void {
    const block = this.block.finish();
    this.block = new BlockWriter(this.#axis);
    if (block === null) return;
    const [firstName, names] = [this.#firstName, this.#names];
    this.#records.push(encodeRecord({ frame: this.#records.length, ownNames: true, firstName, names, block }));
    this.#firstName += names.length;
    this.#names = [];
    this.fromMs = Math.min(this.fromMs, block.fromMs);
    this.toMs = Math.max(this.toMs, block.toMs);
  }
}
