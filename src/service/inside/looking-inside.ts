import { checkHeadroom, compareApart, type CaptureEntry, type Captures } from '../../captures/index.ts';
import {
  RampartError,
  type Acting,
  type CaptureQuery,
  type CaptureReport,
  type Clock,
  type InspectQuery,
  type InspectReport,
  type Inspector,
} from '../../model/index.ts';
import type { Engine } from '../engine/shape.ts';
import type { FoundProcess } from '../answers/found-process.ts';
import { inspectProcess } from './inspect-process.ts';
import { createProgress, type Progress } from './progress.ts';
import { captureSummary } from './words.ts';

export interface LookingInsideDeps {
  readonly engine: Pick<Engine, 'find' | 'publish'>;
  readonly inspector: Inspector;
  readonly captures: Captures;
  readonly clock: Clock;
}

/** Long enough that a leak of 1 MB/min shows, short enough to wait for. */
const LIGHT_PROFILE_MS = 10_000;
/** A longer profile says little more, and keeps an agent waiting. */
const MAX_PROFILE_MS = 5 * 60_000;
const MAX_GC_WINDOW_MS = 5 * 60_000;

/** The part of `Rampart` that looks into other processes. */
export function createLookingInside(deps: LookingInsideDeps): Pick<Acting, 'inspect' | 'capture'> {
  const { engine, clock } = deps;

  const find = async (target: string): Promise<FoundProcess> => {
    const found = await engine.find(target);
    if (found !== null) return found;
    throw new RampartError(
      'not-found',
      'no process with this identity lives',
      'Name it by its pid, or by pid:startTime as `rampart status` and list_processes() show it.',
    );
  };

  const progressOf = (ticket: string | undefined): Progress =>
    createProgress(ticket, (event) => engine.publish({ ...event, atMs: clock.nowMs() }));

  return {
    inspect: async (query) => inspectProcess(await find(query.target), checked(query), deps, progressOf(query.ticket)),
    capture: async (query) => {
      const process = await find(query.target);
      const progress = progressOf(query.ticket);
      if (query.kind === 'light') return captureLight(process, query, deps, progress);
      return captureSnapshot(process, query, deps, progress);
    },
  };
}

function checked(query: InspectQuery): InspectQuery {
  checkSpan('gcWindowMs', query.gcWindowMs, MAX_GC_WINDOW_MS);
  checkSpan('profileMs', query.profileMs, MAX_PROFILE_MS);
  return query;
}

function checkSpan(name: string, value: number | undefined, max: number): void {
  if (value === undefined || (Number.isFinite(value) && value >= 0 && value <= max)) return;
  throw new RampartError('bad-input', `${name} is ${value}`, `Give 0 to ${max} ms.`);
}

/** Profile, spaces and split, kept as JSON. */
async function captureLight(
  process: FoundProcess,
  query: CaptureQuery,
  deps: LookingInsideDeps,
  progress: Progress,
): Promise<CaptureReport> {
  checkSpan('durationMs', query.durationMs, MAX_PROFILE_MS);
  const profileMs = query.durationMs ?? LIGHT_PROFILE_MS;
  const inspection = await inspectProcess(process, { target: process.id, profileMs }, deps, progress);
  const atMs = deps.clock.nowMs();
  const about = { atMs, process, kind: 'light' as const, culprits: inspection.culprits ?? [], inspection };
  const entry = await deps.captures.keep('light', process.id, (id, path) => reportOf({ ...about, id, path }));
  return reportOf({ ...about, id: entry.id, path: entry.path, bytes: entry.bytes });
}

/** The whole heap; for 'compare' also what grew since an earlier one. */
async function captureSnapshot(
  process: FoundProcess,
  query: CaptureQuery,
  deps: LookingInsideDeps,
  progress: Progress,
): Promise<CaptureReport> {
  const earlier = query.kind === 'compare' ? earlierSnapshot(process, query, deps.captures) : null;
  const { entry, pauseMs } = await takeSnapshot(process, deps, progress);
  const about = { id: entry.id, atMs: entry.atMs, process, path: entry.path, bytes: entry.bytes, pauseMs };
  if (earlier === null) return reportOf({ ...about, kind: 'snapshot' });
  progress.say(0, null, 'comparing the two snapshots');
  const growth = await compareApart(earlier.path, entry.path);
  const spanMs = entry.atMs - earlier.atMs;
  const report = reportOf({ ...about, kind: 'compare', growth, spanMs });
  await deps.captures.keep('compare', process.id, () => report);
  return report;
}

function earlierSnapshot(process: FoundProcess, { since }: CaptureQuery, captures: Captures): CaptureEntry {
  const earlier = captures.snapshot(process.id, since);
  if (earlier !== null && earlier.process === process.id) return earlier;
  throw new RampartError(
    'not-found',
    since === undefined
      ? 'there is no earlier snapshot of this process'
      : 'that snapshot is gone, or of another process',
    'Take one with kind "snapshot" first, let the process work for a while, then compare.',
  );
}

async function takeSnapshot(
  process: FoundProcess,
  { inspector, captures }: LookingInsideDeps,
  progress: Progress,
): Promise<{ readonly entry: CaptureEntry; readonly pauseMs: number }> {
  return inspector.attach(process, async (open) => {
    const main = (await open.heaps()).find(({ threadId }) => threadId === 0);
    checkHeadroom({ ...process, heapUsedBytes: main?.usedBytes ?? Number.POSITIVE_INFINITY });
    const file = await captures.beginSnapshot(process.id);
    try {
      const pauseMs = await open.snapshot(
        (chunk) => file.write(chunk),
        (done, total) => progress.say(done, total, 'the heap is written; the process stands still'),
      );
      return { entry: await file.finish(), pauseMs };
    } catch (error) {
      await file.abort();
      throw error;
    }
  });
}

type Told = Pick<CaptureReport, 'id' | 'atMs' | 'kind' | 'path'> &
  Partial<Pick<CaptureReport, 'bytes' | 'pauseMs' | 'culprits' | 'growth'>> & {
    readonly process: FoundProcess;
    readonly inspection?: InspectReport;
    readonly spanMs?: number;
  };

function reportOf({ process, inspection = null as never, spanMs, ...told }: Told): CaptureReport {
  const { id, pid, startTime, name } = process;
  const report = {
    schemaVersion: 1 as const,
    bytes: null,
    pauseMs: null,
    culprits: [],
    growth: [],
    inspection,
    ...told,
    process: { id, pid, startTime, name },
  };
  return { ...report, summary: captureSummary(report, spanMs ?? null) };
}
