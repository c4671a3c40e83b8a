import type { StatusReport } from '../../../model/index.ts';
import { extendTrails, type Trails } from './trail.ts';

export const SORTS = ['memory', 'change', 'cpu', 'rss', 'age', 'name'] as const;
export type Sort = (typeof SORTS)[number];

/** All that a frame is drawn from, besides the size of the window. */
export interface TopState {
  readonly report: StatusReport | null;
  readonly trails: Trails;
  /** Why the last question failed; null: it was answered. */
  readonly problem: string | null;
  readonly sort: Sort;
  readonly reversed: boolean;
  /** Sessions as trees, or every process in one list. */
  readonly flat: boolean;
  /** Also processes that belong to no session and are in no trouble. */
  readonly all: boolean;
  readonly filter: string;
  readonly typing: boolean;
  readonly folded: ReadonlySet<string>;
  /** Row that is chosen, and where it was, for when it ends. */
  readonly chosen: string | null;
  readonly chosenIndex: number;
  readonly paused: boolean;
  readonly help: boolean;
  /** A sentence under the header, for whoever shows this on somebody's behalf. */
  readonly note: string | null;
}

export function initialState(sort: Sort, filter: string): TopState {
  return {
    report: null,
    trails: new Map(),
    problem: null,
    sort,
    reversed: false,
    flat: false,
    all: false,
    filter,
    typing: false,
    folded: new Set(),
    chosen: null,
    chosenIndex: 0,
    paused: false,
    help: false,
    note: null,
  };
}

export function withReport(state: TopState, report: StatusReport): TopState {
  return { ...state, report, trails: extendTrails(state.trails, report), problem: null };
}
