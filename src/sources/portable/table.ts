import type { Clock, ProcessKey, ProcessSample, ProcessState } from '../../model/index.ts';
import { movedEnough } from '../change.ts';
import type { Figures, Listed } from './list.ts';

type Row = {
  readonly sample: { -readonly [Name in keyof ProcessSample]: ProcessSample[Name] };
  /** Latest estimate of the start; follows small corrections of the clock. The key keeps the first. */
  startedAtMs: number;
  anchorBytes: number;
};

export interface PortableTable {
  readonly samples: Map<ProcessKey, ProcessSample>;
  update(
    listed: ReadonlyMap<number, Listed>,
    figures: ReadonlyMap<number, Figures>,
  ): { readonly started: ProcessKey[]; readonly exited: ProcessKey[]; readonly refreshed: ProcessKey[] };
  clear(): void;
}

/**
 * macOS tells ages in whole seconds, so two estimates of one start differ by up to a second, plus the time the command
 * took. A pid that comes back within this time with more CPU time than its forerunner had would be mistaken for it.
 */
const SAME_START_MS = 2_000;

export function createPortableTable(clock: Clock): PortableTable {
  const samples = new Map<ProcessKey, ProcessSample>();
  const byPid = new Map<number, Row>();

  function isSame(row: Row, figure: Figures): boolean {
    return Math.abs(figure.startedAtMs - row.startedAtMs) <= SAME_START_MS && figure.cpuMs >= row.sample.cpuMs;
  }

  function forget(row: Row, exited: ProcessKey[]): void {
    byPid.delete(row.sample.pid);
    samples.delete(row.sample.key);
    exited.push(row.sample.key);
  }

  return {
    samples,
    update(listed, figures) {
      const started: ProcessKey[] = [];
      const exited: ProcessKey[] = [];
      const refreshed: ProcessKey[] = [];
      for (const row of byPid.values()) {
        const figure = figures.get(row.sample.pid);
        if (figure === undefined || !isSame(row, figure)) forget(row, exited);
      }
      for (const [pid, figure] of figures) {
        const entry = listed.get(pid);
        if (entry === undefined) continue;
        let row = byPid.get(pid);
        if (row === undefined) {
          row = createRow(pid, figure, clock.nowMs());
          byPid.set(pid, row);
          samples.set(row.sample.key, row.sample);
          started.push(row.sample.key);
        }
        apply(row, entry, figure, clock.nowMs());
        refreshed.push(row.sample.key);
      }
      return { started, exited, refreshed };
    },
    clear() {
      byPid.clear();
      samples.clear();
    },
  };
}

function apply(row: Row, entry: Listed, figure: Figures, nowMs: number): void {
  const { sample } = row;
  row.startedAtMs = figure.startedAtMs;
  sample.ppid = entry.parentPid;
  sample.state = stateOf(entry.state);
  sample.tty = entry.tty === '' ? 0 : -1;
  sample.rssBytes = figure.rssBytes;
  sample.cpuMs = figure.cpuMs;
  sample.cpuAtMs = nowMs;
  sample.sampledAtMs = nowMs;
  if (movedEnough(row.anchorBytes, figure.rssBytes)) {
    row.anchorBytes = figure.rssBytes;
    sample.changedAtMs = nowMs;
  }
}

/** Process group and session are not told here: 0. A terminal is told without its number: −1. */
function createRow(pid: number, figure: Figures, nowMs: number): Row {
  const startTime = figure.startedAtMs;
  return {
    sample: {
      pid,
      startTime,
      key: `${pid}:${startTime}`,
      ppid: 0,
      processGroup: 0,
      sessionLeader: 0,
      tty: 0,
      state: 'unknown',
      rssBytes: figure.rssBytes,
      anonBytes: null,
      cpuMs: figure.cpuMs,
      cpuAtMs: nowMs,
      threads: null,
      sampledAtMs: nowMs,
      changedAtMs: nowMs,
      footprint: null,
    },
    startedAtMs: figure.startedAtMs,
    anchorBytes: figure.rssBytes,
  };
}

/** systeminformation's words. */
function stateOf(state: string): ProcessState {
  switch (state) {
    case 'running':
    case 'sleeping':
    case 'stopped':
    case 'zombie':
    case 'dead':
      return state;
    case 'blocked':
    case 'paging':
      return 'disk-sleep';
    default:
      return 'unknown';
  }
}
