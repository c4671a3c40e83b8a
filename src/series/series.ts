import type { Metric, MetricsAnswer, MetricsQuery, SubjectId } from '../model/index.ts';
import { BlockReader, BlockWriter, makeAxis, MIN_SHARED } from './block.ts';
import { Downsampler } from './downsample.ts';
import { METRIC_CODES, metricOf, seriesKey, subjectIdOf } from './metrics.ts';
import { Ring } from './ring.ts';
import { Samples } from './samples.ts';
import type { Names, SampleVisitor, SealedBlock, Series, SeriesOptions, SeriesStats } from './types.ts';

/** Times beyond the year 10,000 are no times, and would not fit the file format. */
const MAX_TIME_MS = 2 ** 48;

/** `session:` and a UUID take 44; a name is kept once per hour of data. */
const MAX_SUBJECT_LENGTH = 200;

interface Subject {
  readonly rings: (Ring | undefined)[];
  /** Seals in a row without a new sample. */
  idle: number;
}

/** After so many seals without a sample (minutes, in the service) a subject's rings are given back: it ended. */
const IDLE_SEALS = 3;

const METRICS_BY_CODE = Object.entries(METRIC_CODES) as [Metric, number][];

export function createSeries(options: SeriesOptions = {}): Series {
  const recentMs = options.recentMs ?? 120_000;
  const budgetBytes = options.budgetBytes ?? 4 * 1024 * 1024;
  const maxUnsealed = options.maxUnsealed ?? 262_144;
  const maxSeries = options.maxSeries ?? 30_000;

  const subjects = new Map<SubjectId, Subject>();
  const scratch = new Samples(256);
  let sealed: SealedBlock[] = [];
  let storedCount = 0;
  let names: Names = { sequence: 0, subjects: [], ids: new Map() };
  let frames = 0;
  let series = 0;
  let unsealed = 0;
  let blockBytes = 0;
  let droppedSamples = 0;
  let rejectedSamples = 0;

  function reject(): false {
    rejectedSamples += 1;
    return false;
  }

  function append(subject: SubjectId, metric: Metric, tMs: number, value: number): boolean {
    if (!Number.isFinite(value) || !(tMs >= 0 && tMs < MAX_TIME_MS)) return reject();
    const ring = ringOf(subject, METRIC_CODES[metric]);
    if (ring === null) return reject();
    const time = Math.round(tMs);
    const exact = value === 0 ? 0 : value; // −0 would not survive the whole-number units
    if (!ring.push(time, exact, recentMs)) {
      seal();
      ring.push(time, exact, recentMs);
    }
    unsealed += 1;
    if (unsealed >= maxUnsealed) seal();
    return true;
  }

  function ringOf(name: SubjectId, code: number): Ring | null {
    let subject = subjects.get(name);
    const ring = subject?.rings[code];
    if (ring !== undefined) return ring;
    if (series >= maxSeries || code === undefined || name.length === 0 || name.length > MAX_SUBJECT_LENGTH) return null;
    if (subject === undefined) {
      subject = { rings: [], idle: 0 };
      subjects.set(name, subject);
    }
    series += 1;
    return (subject.rings[code] = new Ring());
  }

  function seal(): SealedBlock | null {
    const block = peek();
    if (block === null) return null;
    for (const [name, subject] of subjects) settle(name, subject);
    unsealed = 0;
    frames += 1;
    sealed = [...sealed, block];
    blockBytes += block.bytes.length;
    enforceBudget();
    return block;
  }

  function peek(): SealedBlock | null {
    if (unsealed === 0) return null;
    const writer = new BlockWriter(sharedAxis());
    for (const [name, { rings }] of subjects) encodeSubject(name, rings, writer);
    const block = writer.finish();
    return block === null ? null : { ...block, names, frame: frames, namesCount: names.subjects.length };
  }

  /** The times of a sweep are the times of many series: those go on the block's axis. */
  function sharedAxis(): ReturnType<typeof makeAxis> {
    const counts = new Map<number, number>();
    for (const { rings } of subjects.values()) {
      for (const ring of rings) {
        if (ring === undefined || ring.unsealed === 0) continue;
        scratch.clear();
        ring.copyUnsealed(scratch);
        for (let index = 0; index < scratch.count; index += 1) {
          const time = scratch.times[index] as number;
          counts.set(time, (counts.get(time) ?? 0) + 1);
        }
      }
    }
    const shared: number[] = [];
    for (const [time, count] of counts) if (count >= MIN_SHARED) shared.push(time);
    return makeAxis(shared);
  }

  function encodeSubject(name: SubjectId, rings: readonly (Ring | undefined)[], writer: BlockWriter): void {
    for (const [metric, code] of METRICS_BY_CODE) {
      const ring = rings[code];
      if (ring === undefined || ring.unsealed === 0) continue;
      scratch.clear();
      ring.copyUnsealed(scratch);
      scratch.sortByTime();
      writer.add(seriesKey(subjectNumber(name), metric), scratch);
    }
  }

  /** After sealing: rings forget what is old; a subject that has been silent for long gives its rings back. */
  function settle(name: SubjectId, subject: Subject): void {
    let fresh = false;
    for (const ring of subject.rings) {
      if (ring === undefined || ring.unsealed === 0) continue;
      fresh = true;
      ring.seal(recentMs);
    }
    subject.idle = fresh ? 0 : subject.idle + 1;
    if (subject.idle < IDLE_SEALS) return;
    subjects.delete(name);
    for (const ring of subject.rings) if (ring !== undefined) series -= 1;
  }

  function subjectNumber(name: SubjectId): number {
    const known = names.ids.get(name);
    if (known !== undefined) return known;
    const id = names.subjects.length;
    names.subjects.push(name);
    names.ids.set(name, id);
    return id;
  }

  function enforceBudget(): void {
    let drop = 0;
    // The newest block stays in any case: nobody had a chance to store it yet.
    while (blockBytes > budgetBytes && drop < sealed.length - 1) {
      const block = sealed[drop] as SealedBlock;
      if (drop >= storedCount) droppedSamples += block.samples;
      blockBytes -= block.bytes.length;
      drop += 1;
    }
    if (drop > 0) forget(drop);
  }

  function forget(count: number): void {
    sealed = sealed.slice(count);
    storedCount = Math.max(0, storedCount - count);
  }

  function visit(visitor: SampleVisitor, only: { subject?: SubjectId | undefined; metric?: Metric | undefined } = {}) {
    for (const block of sealed) visitBlock(new BlockReader(block.bytes), block.names.subjects, visitor, only);
    const chosen = only.subject === undefined ? subjects.keys() : [only.subject];
    for (const name of chosen) {
      for (const [metric, code] of METRICS_BY_CODE) {
        const ring = subjects.get(name)?.rings[code];
        if (ring === undefined || ring.unsealed === 0 || (only.metric ?? metric) !== metric) continue;
        scratch.clear();
        ring.copyUnsealed(scratch);
        scratch.sortByTime();
        visitor(name, metric, scratch);
      }
    }
  }

  function recent(subject: SubjectId, metric: Metric): Samples {
    const samples = new Samples();
    subjects.get(subject)?.rings[METRIC_CODES[metric]]?.copy(samples);
    return samples;
  }

  function query(asked: MetricsQuery): MetricsAnswer {
    const downsampler = new Downsampler(asked);
    visit((_subject, _metric, samples) => downsampler.addAll(samples), asked);
    return answer(asked, downsampler);
  }

  function rotate(): Names {
    seal();
    names = { sequence: names.sequence + 1, subjects: [], ids: new Map() };
    frames = 0;
    return names;
  }

  function release(sequence: number): void {
    let count = 0;
    while (count < sealed.length && (sealed[count] as SealedBlock).names.sequence <= sequence) {
      blockBytes -= (sealed[count] as SealedBlock).bytes.length;
      count += 1;
    }
    if (count > 0) forget(count);
  }

  function stats(): SeriesStats {
    let ringBytes = 0;
    for (const { rings } of subjects.values()) for (const ring of rings) ringBytes += ring?.bytes ?? 0;
    return { series, unsealed, ringBytes, blockBytes, droppedSamples, rejectedSamples };
  }

  return {
    append,
    recent,
    query,
    visit,
    seal,
    peek,
    blocks: () => sealed,
    markStored: (count) => (storedCount = Math.min(sealed.length, Math.max(storedCount, count))),
    stored: () => storedCount,
    rotate,
    names: () => names,
    release,
    stats,
  };
}

/** Each series of a block that passes the filter, decoded into one reused buffer. Unknown numbers are passed over. */
export function visitBlock(
  block: BlockReader,
  subjects: readonly (SubjectId | undefined)[],
  visitor: SampleVisitor,
  only: {
    subject?: SubjectId | undefined;
    subjects?: ReadonlySet<SubjectId> | undefined;
    metric?: Metric | undefined;
  } = {},
): void {
  const samples = new Samples(256);
  const wanted = only.subject === undefined ? -1 : subjects.indexOf(only.subject);
  if (only.subject !== undefined && wanted < 0) return;
  block.entries((key, from, to) => {
    const id = subjectIdOf(key);
    if (wanted >= 0 && id !== wanted) return;
    const metric = metricOf(key);
    const subject = subjects[id];
    if (metric === null || subject === undefined || (only.metric ?? metric) !== metric) return;
    if (only.subjects?.has(subject) === false) return;
    samples.clear();
    block.decode(from, to, samples);
    visitor(subject, metric, samples);
  });
}

/** The answer that a filled down-sampler gives. */
export function answer(query: MetricsQuery, filled: Downsampler): MetricsAnswer {
  const held = filled.heldFromMs <= filled.heldToMs;
  return {
    subject: query.subject,
    metric: query.metric,
    stepMs: filled.stepMs,
    buckets: filled.buckets(),
    heldFromMs: held ? filled.heldFromMs : null,
    heldToMs: held ? filled.heldToMs : null,
  };
}
