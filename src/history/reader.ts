import type { MetricsAnswer, MetricsQuery, Store } from '../model/index.ts';
import {
  answer,
  BlockReader,
  Downsampler,
  Samples,
  type SampleVisitor,
  type Series,
  visitBlock,
} from '../series/index.ts';
import type { HistoryFile } from './files.ts';
import type { OpenLog } from './log.ts';
import { Presence } from './presence.ts';
import { addSegment, type FilePart, meets, visitRollups, visitSegment, type Window } from './query.ts';
import { readSegment, type Segment } from './segment.ts';
import type { Shelf } from './shelf.ts';
import type { Spans, SummaryVisitor } from './spans.ts';
import type { ScanQuery } from './types.ts';

/** A byte for each subject and file: a month of hourly tables with 1300 subjects each. */
const PRESENCE_BYTES = 1024 * 1024;

/** Ends of what is held lie outside of the window too. */
const EVER: Window = { fromMs: -Infinity, toMs: Infinity };

/** Answers from RAM and disk together; each sample counts once, wherever it lies at that moment. */
export class Reader {
  corruptRecords = 0;
  readonly presence = new Presence(PRESENCE_BYTES);
  readonly #store: Store;
  readonly #series: Series;
  readonly #shelf: Shelf;
  readonly #openLogs: () => readonly OpenLog[];

  constructor(store: Store, series: Series, shelf: Shelf, openLogs: () => readonly OpenLog[]) {
    this.#store = store;
    this.#series = series;
    this.#shelf = shelf;
    this.#openLogs = openLogs;
  }

  query(query: MetricsQuery): Promise<MetricsAnswer> {
    return this.#shelf.reading(async () => {
      const into = new Downsampler(query);
      // RAM and the list of files in one go, before anything is awaited: a flush in between moves samples from one to
      // the other.
      const parts = this.#parts();
      this.#series.visit((_subject, _metric, samples) => into.addAll(samples), query);
      const inWindow = parts.filter(({ file }) => meets(file, query));
      for (const part of inWindow) await this.#add(part, query, EVER, into);
      await this.#findEnds(
        parts.filter((part) => !inWindow.includes(part)),
        query,
        into,
      );
      return answer(query, into);
    });
  }

  scan(query: ScanQuery, visitor: SampleVisitor): Promise<void> {
    return this.#shelf.reading(async () => {
      const parts = this.#parts('min');
      const blocks = [...this.#series.blocks()];
      const unsealed = this.#series.peek();
      if (unsealed !== null) blocks.push(unsealed);
      const inside = windowed(query, visitor);
      for (const part of parts) {
        if (!meets(part.file, query)) continue;
        if (query.subject !== undefined && !this.presence.mayHold(part.file.name, query.subject)) continue;
        const segment = await this.#read(part.file);
        if (segment !== null) this.corruptRecords += visitSegment(segment, part.frames, query, inside, query);
      }
      for (const block of blocks) {
        if (meets(block, query)) visitBlock(new BlockReader(block.bytes), block.names.subjects, inside, query);
      }
    });
  }

  /** The newest stretches first, so that with a limit the latest subjects are those that are kept. */
  subjects(query: ScanQuery, spans: Spans): Promise<void> {
    return this.#shelf.reading(async () => {
      const parts = this.#parts().toReversed();
      this.#series.visit(windowed(query, spans.addSamples), query);
      for (const part of parts) {
        if (!meets(part.file, query)) continue;
        const segment = await this.#read(part.file);
        if (segment === null) continue;
        this.corruptRecords +=
          part.file.kind === 'min'
            ? visitRollups(segment, query, within(query, spans.addSummary), query)
            : visitSegment(segment, part.frames, query, windowed(query, spans.addSamples), query);
      }
    });
  }

  /**
   * Files to read, oldest first: of a raw and a min table of the same stretch only the raw one; of an open log the
   * records that RAM has dropped.
   */
  #parts(without?: 'min'): FilePart[] {
    const raw = new Set(this.#shelf.files.filter(({ kind }) => kind === 'raw').map(({ last }) => last));
    const parts: FilePart[] = [];
    for (const file of this.#shelf.files) {
      if (file.kind === 'min' && (without === 'min' || raw.has(file.last))) continue;
      parts.push({ file, frames: Infinity });
    }
    const blocks = this.#series.blocks();
    for (const { file, names, nextFrame } of this.#openLogs()) {
      const frames = blocks.find((block) => block.names === names)?.frame ?? nextFrame;
      if (file.bytes > 0 && frames > 0) parts.push({ file: { ...file }, frames });
    }
    return parts;
  }

  /** First and last sample outside of the window: nearest ends first, and no file that cannot move them. */
  async #findEnds(parts: readonly FilePart[], query: MetricsQuery, into: Downsampler): Promise<void> {
    for (const part of parts.toSorted((a, b) => a.file.fromMs - b.file.fromMs)) {
      if (part.file.fromMs >= into.heldFromMs) break;
      await this.#add(part, query, EVER, into);
    }
    for (const part of parts.toSorted((a, b) => b.file.toMs - a.file.toMs)) {
      if (part.file.toMs <= into.heldToMs) break;
      await this.#add(part, query, EVER, into);
    }
  }

  async #add(part: FilePart, query: MetricsQuery, window: Window, into: Downsampler): Promise<void> {
    if (!this.presence.mayHold(part.file.name, query.subject)) return;
    const segment = await this.#read(part.file);
    if (segment !== null) this.corruptRecords += addSegment(part, segment, query, window, into);
  }

  async #read(file: HistoryFile): Promise<Segment | null> {
    const bytes = await this.#store.read(file.name);
    if (bytes === null) return null;
    const segment = readSegment(bytes);
    // An open log still gains subjects.
    if (this.#shelf.files.includes(file)) this.presence.learn(file.name, segment.names);
    return segment;
  }
}

/** Cuts what lies outside of the window off each call. */
function windowed({ fromMs, toMs }: ScanQuery, visitor: SampleVisitor): SampleVisitor {
  const cut = new Samples(256);
  return (subject, metric, samples) => {
    cut.clear();
    for (let index = 0; index < samples.count; index += 1) {
      const tMs = samples.times[index] as number;
      if (tMs >= fromMs && tMs <= toMs) cut.push(tMs, samples.values[index] as number);
    }
    if (cut.count > 0) visitor(subject, metric, cut);
  };
}

function within({ fromMs, toMs }: ScanQuery, visitor: SummaryVisitor): SummaryVisitor {
  return (subject, metric, summary) => {
    if (summary.tMs >= fromMs && summary.tMs <= toMs) visitor(subject, metric, summary);
  };
}
