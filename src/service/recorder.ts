import type { HostSample, Metric, ProcessKey, ProcessSample, SubjectId, Sweep } from '../model/index.ts';

/** What is needed of history. */
export interface MetricsWriter {
  append(subject: SubjectId, metric: Metric, tMs: number, value: number): void;
}

export interface Recorder {
  /** Host figures, and those of each process that was really read. */
  sweep(sweep: Sweep): void;
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

/**
 * Writes what a sweep saw into history. All samples of a sweep have its one time, which history then stores once. A
 * process that was not read is not written: quiet ones back off, and a gap below their back-off means "as before".
 */
export function createRecorder(history: MetricsWriter): Recorder {
  /** Time of the last footprint that was written, by process. */
  const footprintTimes = new Map<ProcessKey, number>();

  const host = (sample: HostSample, processCount: number): void => {
    const { atMs, pressure } = sample;
    history.append('host', 'memoryAvailableBytes', atMs, sample.memoryAvailableBytes);
    history.append('host', 'swapUsedBytes', atMs, sample.swapTotalBytes - sample.swapFreeBytes);
    history.append('host', 'processCount', atMs, processCount);
    if (pressure === null) return;
    history.append('host', 'pressureSomePercent', atMs, pressure.someAvg10Percent);
    history.append('host', 'pressureFullPercent', atMs, pressure.fullAvg10Percent);
  };

  const process = (sample: ProcessSample, tMs: number): void => {
    history.append(sample.key, 'rssBytes', tMs, sample.rssBytes);
    if (sample.anonBytes !== null) history.append(sample.key, 'anonBytes', tMs, sample.anonBytes);
    history.append(sample.key, 'cpuMs', tMs, sample.cpuMs);
    const { footprint } = sample;
    if (footprint === null || footprintTimes.get(sample.key) === footprint.atMs) return;
    footprintTimes.set(sample.key, footprint.atMs);
    history.append(sample.key, 'pssBytes', tMs, footprint.pssBytes);
    history.append(sample.key, 'swapBytes', tMs, footprint.swapBytes);
  };

  return {
    sweep: (sweep) => {
      host(sweep.host, sweep.processes.size);
      for (const key of sweep.refreshed) {
        const sample = sweep.processes.get(key);
        if (sample !== undefined) process(sample, sweep.atMs);
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
    forget: (key) => footprintTimes.delete(key),
  };
}
