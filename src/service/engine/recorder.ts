import type { HostSample, Metric, ProcessKey, ProcessSample, SubjectId, Sweep } from '../../model/index.ts';

/** What is needed of history. */
export interface MetricsWriter {
  append(subject: SubjectId, metric: Metric, tMs: number, value: number): void;
}

export interface Recorder {
  /**
   * Host figures, and those of each process that was really read: all of what belongs to agents (`isAgents`), and the RSS
   * of the rest, which is most of a machine.
   */
  sweep(sweep: Sweep, isAgents: (key: ProcessKey) => boolean): void;
  /** Sums of one session, made by the caller. PSS null: not every process of it was read yet. */
  session(sessionId: string, tMs: number, sums: SessionSums): void;
  own(tMs: number, rssBytes: number, cpuMs: number): void;
  forget(key: ProcessKey): void;
}

export interface SessionSums {
  readonly rssBytes: number;
  readonly pssBytes: number | null;
  readonly swapBytes: number | null;
  readonly processCount: number;
}

/** What stands still is repeated this often, so that a gap in the series tells that a process was gone or unseen. */
const REPEAT_MS = 10_000;
/** The rest of a machine stands still most of the time: writing it down was a third of the service's CPU. */
const STRANGER_REPEAT_MS = 60_000;

interface Written {
  tMs: number;
  rssBytes: number;
  cpuMs: number;
  footprintAtMs: number | null;
}

/**
 * Writes what a sweep saw into history. All samples of a sweep have its one time, which history then stores once. A
 * process of an agent that was not read, or that stands still, is written every 10 to 20 s, any other every minute or so: a
 * gap of that length means "as before".
 */
export function createRecorder(history: MetricsWriter): Recorder {
  const written = new Map<ProcessKey, Written>();

  const host = (sample: HostSample, processCount: number): void => {
    const { atMs, pressure } = sample;
    history.append('host', 'memoryAvailableBytes', atMs, sample.memoryAvailableBytes);
    history.append('host', 'swapUsedBytes', atMs, sample.swapTotalBytes - sample.swapFreeBytes);
    history.append('host', 'processCount', atMs, processCount);
    if (pressure === null) return;
    history.append('host', 'pressureSomePercent', atMs, pressure.someAvg10Percent);
    history.append('host', 'pressureFullPercent', atMs, pressure.fullAvg10Percent);
  };

  const process = (sample: ProcessSample, tMs: number, whole: boolean): void => {
    let last = written.get(sample.key);
    if (last === undefined) {
      last = { tMs: Number.NEGATIVE_INFINITY, rssBytes: -1, cpuMs: -1, footprintAtMs: null };
      written.set(sample.key, last);
    }
    const { key, rssBytes, cpuMs, footprint } = sample;
    const isOld = Math.abs(tMs - last.tMs) >= (whole ? REPEAT_MS : STRANGER_REPEAT_MS);
    if (isOld || rssBytes !== last.rssBytes || (whole && cpuMs !== last.cpuMs)) {
      history.append(key, 'rssBytes', tMs, rssBytes);
      if (whole && sample.anonBytes !== null) history.append(key, 'anonBytes', tMs, sample.anonBytes);
      if (whole) history.append(key, 'cpuMs', tMs, cpuMs);
      last.tMs = tMs;
      last.rssBytes = rssBytes;
      last.cpuMs = cpuMs;
    }
    if (!whole || footprint === null || footprint.atMs === last.footprintAtMs) return;
    last.footprintAtMs = footprint.atMs;
    history.append(key, 'pssBytes', tMs, footprint.pssBytes);
    history.append(key, 'swapBytes', tMs, footprint.swapBytes);
  };

  return {
    sweep: (sweep, isAgents) => {
      host(sweep.host, sweep.processes.size);
      for (const key of sweep.refreshed) {
        const sample = sweep.processes.get(key);
        if (sample !== undefined) process(sample, sweep.atMs, isAgents(key));
      }
    },
    session: (sessionId, tMs, sums) => {
      const subject = `session:${sessionId}`;
      history.append(subject, 'rssBytes', tMs, sums.rssBytes);
      history.append(subject, 'processCount', tMs, sums.processCount);
      if (sums.pssBytes !== null) history.append(subject, 'pssBytes', tMs, sums.pssBytes);
      if (sums.swapBytes !== null) history.append(subject, 'swapBytes', tMs, sums.swapBytes);
    },
    own: (tMs, rssBytes, cpuMs) => {
      history.append('rampart', 'rssBytes', tMs, rssBytes);
      history.append('rampart', 'cpuMs', tMs, cpuMs);
    },
    forget: (key) => written.delete(key),
  };
}
