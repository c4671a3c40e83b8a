import type { ProcessReport, StatusReport } from '../../../model/index.ts';
import { type Memory, memoryOf } from '../present/tree.ts';
import { isNotable } from '../present/words.ts';

/** Memory of each row over the time that `top` runs: what its sparkline and its change are drawn from. */
export interface TrailPoint extends Memory {
  readonly atMs: number;
}

export type Trails = ReadonlyMap<string, readonly TrailPoint[]>;

/** At a look every 2 s five minutes: longer than most bursts, short enough to show what grows now. */
const MAX_POINTS = 150;

export const sessionRowId = (sessionId: string): string => `session:${sessionId}`;

/** The trails with one more point for each row of `report`; rows that are gone are forgotten. */
export function extendTrails(trails: Trails, report: StatusReport): Trails {
  const next = new Map<string, readonly TrailPoint[]>();
  const add = (id: string, memory: Memory): void => {
    const before = trails.get(id) ?? [];
    const last = before.at(-1);
    // PSS after RSS would be drawn as a fall that never was: another kind of figure begins another curve.
    const same = last === undefined || last.exact === memory.exact ? before : [];
    if (last?.atMs === report.atMs) next.set(id, before);
    else next.set(id, [...same.slice(1 - MAX_POINTS), { ...memory, atMs: report.atMs }]);
  };
  for (const session of report.sessions) {
    add(sessionRowId(session.sessionId), {
      bytes: session.totalBytes ?? session.rssBytes,
      exact: session.totalBytes !== null,
    });
    for (const process of session.processes) add(process.id, memoryOf(process));
  }
  for (const process of worthATrail(report)) add(process.id, memoryOf(process));
  return next;
}

/** Of thousands of processes that no agent brought, only the heaviest: the others would cost us more than they weigh. */
const MAX_OTHERS = 200;

function worthATrail({ unattributed, rampart }: StatusReport): ProcessReport[] {
  const notable = unattributed.filter((process) => isNotable(process, rampart.pid));
  const others = unattributed.filter((process) => !isNotable(process, rampart.pid));
  const heaviest = others.toSorted((a, b) => memoryOf(b).bytes - memoryOf(a).bytes).slice(0, MAX_OTHERS);
  return [...notable.filter(({ verdict }) => verdict !== 'zombie'), ...heaviest];
}

/** How much a row grew over its trail; null: seen once. */
export function changeOf(trail: readonly TrailPoint[] | undefined): number | null {
  const first = trail?.[0];
  const last = trail?.at(-1);
  return first === undefined || last === undefined || first === last ? null : last.bytes - first.bytes;
}
