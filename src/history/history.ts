import { createSeries } from '../series/index.ts';
import { Reader } from './reader.ts';
import { DEFAULT_RETENTION } from './retention.ts';
import { Shelf } from './shelf.ts';
import { Spans } from './spans.ts';
import type { History, HistoryOptions, HistoryStats, ScanQuery, SubjectSpan } from './types.ts';
import { Writer } from './writer.ts';

const FLUSH_INTERVAL_MS = 60_000;
const MAX_SUBJECTS = 1000;

/**
 * The past of all series: the last hour in RAM, the rest on disk. It opens whatever state the store is in; where the
 * store cannot be read or written, it runs on in RAM, says so in `stats()` and tries again each minute.
 */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const { store, clock } = options;
  const series = createSeries(options.series);
  const shelf = new Shelf(store);
  const writer = new Writer(store, clock, series, shelf, { ...DEFAULT_RETENTION, ...options.retention });
  const reader = new Reader(store, series, shelf, () => writer.openLogs);
  let lastFlushAtMs: number | null = null;
  let lastFlushError: string | null = null;
  let closed = false;
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;

  /** One write at a time; what goes wrong is told in `stats`. */
  function inTurn(work: () => Promise<unknown>): Promise<void> {
    waiting += 1;
    queue = queue
      .then(work)
      .then(
        () => void (lastFlushError = null),
        (error: unknown) => void (lastFlushError = describe(error)),
      )
      .finally(() => void (waiting -= 1));
    return queue;
  }

  async function writeOut(): Promise<void> {
    await writer.flush();
    lastFlushAtMs = clock.nowMs();
  }

  function flush(): Promise<void> {
    return inTurn(writeOut);
  }

  /** A disk that hangs must not gather a flush a minute. */
  function flushIfIdle(): void {
    if (waiting === 0) void flush();
  }

  await inTurn(() => shelf.load());
  const intervalMs = options.flushIntervalMs ?? FLUSH_INTERVAL_MS;
  const timer = intervalMs > 0 ? setInterval(flushIfIdle, intervalMs) : null;
  timer?.unref();

  async function close(): Promise<void> {
    if (closed) return queue;
    closed = true;
    if (timer !== null) clearInterval(timer);
    await flush();
  }

  async function subjects(query: ScanQuery & { readonly limit?: number }): Promise<readonly SubjectSpan[]> {
    const spans = new Spans();
    await reader.subjects(query, spans);
    return spans.list(query.limit ?? MAX_SUBJECTS);
  }

  function stats(): HistoryStats {
    const { blockBytes, ringBytes, droppedSamples, rejectedSamples, unsealed } = series.stats();
    const files = [...shelf.files, ...writer.openLogs.map(({ file }) => file)].filter(({ bytes }) => bytes > 0);
    const told = files.filter(({ fromMs, toMs }) => fromMs <= toMs);
    const pending = series.blocks().slice(series.stored());
    return {
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      files: files.length,
      ramBytes: blockBytes + ringBytes + reader.presence.bytes,
      oldestMs: told.length === 0 ? null : told.reduce((least, { fromMs }) => Math.min(least, fromMs), Infinity),
      newestMs: told.length === 0 ? null : told.reduce((most, { toMs }) => Math.max(most, toMs), -Infinity),
      droppedSamples,
      rejectedSamples,
      pendingSamples: unsealed + pending.reduce((sum, { samples }) => sum + samples, 0),
      corruptRecords: (shelf.catalogue?.corruptRecords ?? 0) + writer.corruptRecords + reader.corruptRecords,
      tornTails: shelf.catalogue?.tornTails ?? 0,
      foreignFiles: shelf.catalogue?.foreign ?? [],
      lastFlushAtMs,
      lastFlushError,
    };
  }

  return {
    append: (subject, metric, tMs, value) => void series.append(subject, metric, tMs, value),
    query: (query) => reader.query(query),
    recent: (subject, metric) => series.recent(subject, metric),
    scan: (query, visitor) => reader.scan(query, visitor),
    subjects,
    flush,
    stats,
    close,
  };
}

/** What went wrong and what to do about it, in one line. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = (error as { hint?: unknown }).hint;
  return typeof hint === 'string' ? `${error.message}. ${hint}` : error.message;
}
