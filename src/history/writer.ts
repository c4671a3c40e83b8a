import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Store } from '../model/index.ts';
import type { Names, SealedBlock, Series } from '../series/index.ts';
import { compact } from './compact.ts';
import type { HistoryFile } from './files.ts';
import { appendBlock, type OpenLog, openLog } from './log.ts';
import { type Retention, toRemove } from './retention.ts';
import type { Shelf } from './shelf.ts';

/** A log is closed and rewritten as tables after an hour … */
const LOG_AGE_MS = 3_600_000;
/** … or at this size, so that the rewrite never holds much in RAM; … */
const LOG_BYTES = 4 * 1024 * 1024;
/** … or when so many subjects have a number: a fork bomb must not fill RAM with names (100 bytes each). */
const LOG_NAMES = 50_000;
/** … and logs of short runs are gathered until there are so many, or the first is an hour old. */
const MAX_CLOSED_LOGS = 8;
/** The rewrite lets others run after this long: a hundredth of the time between two ticks. */
const SLICE_MS = 10;
/** A rewrite that failed (a full disk, mostly) costs CPU each time: not every minute. */
const COMPACTION_RETRY_MS = 600_000;
/** A leap of the wall clock ahead of the monotonic one by more than this holds back deletion by age … */
const LEAP_MS = 3_600_000;
/** … for a day: long enough for NTP or a person to set it right. */
const LEAP_GRACE_MS = 86_400_000;

/** Brings blocks to disk, rewrites closed logs, keeps within the limits. One call at a time (see `history.ts`). */
export class Writer {
  corruptRecords = 0;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #series: Series;
  readonly #shelf: Shelf;
  readonly #retention: Retention;
  /** Logs that are not closed: the current one last; before it, those that wait for their blocks to be written. */
  #logs: OpenLog[] = [];
  #rotatedAtMs: number;
  #compactionHeldUntilMs = -Infinity;
  #leadMs: number;
  #ageHeldUntilMs = -Infinity;

  constructor(store: Store, clock: Clock, series: Series, shelf: Shelf, retention: Retention) {
    this.#store = store;
    this.#clock = clock;
    this.#series = series;
    this.#shelf = shelf;
    this.#retention = retention;
    this.#rotatedAtMs = clock.monotonicMs();
    this.#leadMs = clock.nowMs() - clock.monotonicMs();
  }

  get openLogs(): readonly OpenLog[] {
    return this.#logs;
  }

  get openBytes(): number {
    return this.#logs.reduce((sum, { file }) => sum + file.bytes, 0);
  }

  /** Throws what the store throws; what is not written stays in RAM and is tried again. */
  async flush(): Promise<void> {
    this.#seal();
    await this.#shelf.load();
    await this.#writeBlocks();
    await this.#closeLogs();
    if (this.#compactionDue()) await this.#compact();
    this.#applyRetention();
    await this.#shelf.sweep();
  }

  #seal(): void {
    const now = this.#clock.monotonicMs();
    const current = this.#logs.find(({ names }) => names === this.#series.names());
    const full = (current?.file.bytes ?? 0) >= LOG_BYTES || this.#series.names().subjects.length >= LOG_NAMES;
    if (now - this.#rotatedAtMs < LOG_AGE_MS && !full) {
      this.#series.seal();
      return;
    }
    this.#series.rotate();
    this.#rotatedAtMs = now;
  }

  async #writeBlocks(): Promise<void> {
    for (let block = this.#firstPending(); block !== undefined; block = this.#firstPending()) {
      const log = this.#logFor(block.names);
      try {
        await appendBlock(this.#store, log, block);
      } catch (error) {
        // A header may be on disk by half: begin another file rather than write behind it.
        if (log.file.bytes === 0) this.#logs = this.#logs.filter((other) => other !== log);
        throw error;
      }
      // The budget may have dropped blocks meanwhile, so count anew where this one stands.
      this.#series.markStored(this.#series.blocks().indexOf(block) + 1);
    }
  }

  #firstPending(): SealedBlock | undefined {
    return this.#series.blocks()[this.#series.stored()];
  }

  #logFor(names: Names): OpenLog {
    const known = this.#logs.find((log) => log.names === names);
    if (known !== undefined) return known;
    const catalogue = this.#shelf.catalogue;
    if (catalogue === null) throw new Error('the catalogue is loaded before anything is written');
    const log = openLog(names, catalogue.nextSequence);
    catalogue.nextSequence += 1;
    this.#logs.push(log);
    return log;
  }

  /** Logs of former names have all their blocks now: from here on they are read from disk. */
  async #closeLogs(): Promise<void> {
    const closed = this.#logs.filter(({ names }) => names !== this.#series.names());
    if (closed.length === 0) return;
    this.#logs = this.#logs.filter((log) => !closed.includes(log));
    for (const { names } of closed) this.#series.release(names.sequence);
    this.#shelf.exchange(
      [],
      closed.map(({ file }) => file),
    );
    this.#compactionHeldUntilMs = Math.min(this.#compactionHeldUntilMs, this.#clock.monotonicMs());
  }

  #closedLogs(): HistoryFile[] {
    return this.#shelf.files.filter(({ kind }) => kind === 'log');
  }

  #compactionDue(): boolean {
    const logs = this.#closedLogs();
    if (logs.length === 0 || this.#clock.monotonicMs() < this.#compactionHeldUntilMs) return false;
    const oldest = Math.min(...logs.map(({ fromMs }) => fromMs));
    const bytes = logs.reduce((sum, log) => sum + log.bytes, 0);
    return logs.length >= MAX_CLOSED_LOGS || bytes >= LOG_BYTES || this.#clock.nowMs() - oldest >= LOG_AGE_MS;
  }

  async #compact(): Promise<void> {
    const logs = this.#closedLogs();
    this.#compactionHeldUntilMs = this.#clock.monotonicMs() + COMPACTION_RETRY_MS;
    let sliceFromMs = this.#clock.monotonicMs();
    const result = await compact(this.#store, logs, async () => {
      if (this.#clock.monotonicMs() - sliceFromMs < SLICE_MS) return;
      await nextTurn();
      sliceFromMs = this.#clock.monotonicMs();
    });
    this.corruptRecords += result.corruptRecords;
    this.#shelf.exchange(logs, result.tables);
    this.#compactionHeldUntilMs = -Infinity;
  }

  #applyRetention(): void {
    const byAge = !this.#clockLeapt();
    const gone = toRemove(this.#shelf.files, this.#retention, this.#clock.nowMs(), this.openBytes, byAge);
    if (gone.length > 0) this.#shelf.exchange(gone, []);
  }

  /** A suspended machine looks the same: then old files stay a day longer, which harms nobody. */
  #clockLeapt(): boolean {
    const leadMs = this.#clock.nowMs() - this.#clock.monotonicMs();
    const now = this.#clock.monotonicMs();
    if (leadMs - this.#leadMs > LEAP_MS) this.#ageHeldUntilMs = now + LEAP_GRACE_MS;
    this.#leadMs = leadMs;
    return now < this.#ageHeldUntilMs;
  }
}
