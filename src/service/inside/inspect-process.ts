import {
  RampartError,
  type Clock,
  type Collection,
  type Culprit,
  type GcStatistics,
  type HeapFigures,
  type InspectQuery,
  type InspectReport,
  type Inspector,
  type MemorySplit,
} from '../../model/index.ts';
import type { FoundProcess } from '../answers/found-process.ts';
import { inspectSummary } from './words.ts';
import type { Progress } from './progress.ts';

interface Inside {
  readonly heaps: readonly HeapFigures[];
  readonly gc: GcStatistics | null;
  readonly collection: Collection | null;
  readonly culprits: readonly Culprit[] | null;
}

/** What a process holds: from outside always, from inside where that is asked for and does no harm. */
export async function inspectProcess(
  process: FoundProcess,
  query: InspectQuery,
  { inspector, clock }: { readonly inspector: Inspector; readonly clock: Clock },
  progress: Progress,
): Promise<InspectReport> {
  const unknown: Record<string, string> = {};
  const inspectability = await inspector.check(process);
  let attachedMs: number | null = null;
  let inside: Inside | null = null;
  let why = query.attach === false ? 'not asked for' : inspectability.reason;
  if (query.attach !== false && inspectability.possible) {
    try {
      inside = await lookInside(process, query, inspector, progress, (ms) => (attachedMs = ms));
    } catch (error) {
      // What is known from outside is worth telling although the inside stayed closed.
      if (!(error instanceof RampartError) || error.code === 'not-found') throw error;
      why = error.message;
    }
  }
  const split = await inspector.split(process);
  if (split === null) unknown['split'] = 'its mappings may not be read, or it has just ended';
  const heaps = inside?.heaps ?? null;
  if (heaps === null) unknown['heaps'] = why;
  const wanted = { gc: query.gcWindowMs, collection: query.collect === true ? 1 : 0, culprits: query.profileMs };
  for (const [name, asked] of Object.entries(wanted)) {
    if ((inside?.[name as keyof Inside] ?? null) === null) unknown[name] = (asked ?? 0) > 0 ? why : 'not asked for';
  }
  const nativeResidualBytes = residual(split, heaps, unknown);
  const { id, pid, startTime, name, runtime } = process;
  const report = {
    schemaVersion: 1 as const,
    atMs: clock.nowMs(),
    process: { id, pid, startTime, name, runtime },
    inspectability,
    split,
    heaps,
    gc: inside?.gc ?? null,
    collection: inside?.collection ?? null,
    culprits: inside?.culprits ?? null,
    nativeResidualBytes,
    attachedMs,
    unknown,
  };
  return { ...report, summary: inspectSummary(report) };
}

function lookInside(
  process: FoundProcess,
  query: InspectQuery,
  inspector: Inspector,
  progress: Progress,
  onClosed: (openMs: number) => void,
): Promise<Inside> {
  const { gcWindowMs = 0, profileMs = 0, collect = false } = query;
  return inspector.attach(
    process,
    async (open) => {
      if (gcWindowMs > 0) progress.say(0, gcWindowMs, 'watching collections');
      const gc = gcWindowMs > 0 ? await open.gc(gcWindowMs) : null;
      const culprits =
        profileMs > 0
          ? await open.culprits(profileMs, (doneMs) => progress.say(doneMs, profileMs, 'sampling allocations'))
          : null;
      if (collect) progress.say(0, null, 'collecting');
      const collection = collect ? await open.collect() : null;
      // Last of all, so that they fit the mappings, which are read next.
      return { heaps: collection?.after ?? (await open.heaps()), gc, culprits, collection };
    },
    onClosed,
  );
}

/** What is neither V8's nor hangs on it; read together with the heaps, as near as can be. */
function residual(
  split: MemorySplit | null,
  heaps: readonly HeapFigures[] | null,
  unknown: Record<string, string>,
): number | null {
  const main = heaps?.find(({ threadId }) => threadId === 0);
  if (heaps === null || main === undefined || split === null) {
    unknown['nativeResidualBytes'] = 'it needs the heaps and the mappings';
    return null;
  }
  const physical = heaps.reduce((sum, { physicalBytes }) => sum + (physicalBytes ?? 0), 0);
  const external = heaps.reduce((sum, { externalBytes }) => sum + (externalBytes ?? 0), 0);
  const anonymous = (split.v8Bytes ?? 0) + split.otherAnonymousBytes;
  return Math.max(0, anonymous - physical - external);
}
