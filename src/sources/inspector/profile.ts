import type { CodePlace } from '../../model/index.ts';
import { field, figure } from './evaluate.ts';

/** A function with what is alive of its allocations, and who called it. */
export interface LiveSite {
  readonly place: RawPlace;
  readonly selfBytes: number;
  /** Callers, innermost first. */
  readonly stack: readonly RawPlace[];
}

/** As the process names it, not yet fit to show. */
export interface RawPlace extends CodePlace {
  readonly scriptId: string;
}

/** What is alive at one moment of all that was allocated since sampling began. */
export interface LiveProfile {
  readonly atMs: number;
  readonly pauseMs: number;
  readonly sites: readonly LiveSite[];
}

/** A profile of a large program has some thousand nodes; a hostile one is cut. */
const MAX_SITES = 50_000;
const MAX_DEPTH = 128;

/** Reads V8's `SamplingHeapProfile`: a tree of call frames with the live bytes allocated right there. Untrusted. */
export function parseProfile(told: unknown): LiveProfile {
  const sites: LiveSite[] = [];
  const visit = (node: unknown, callers: readonly RawPlace[]): void => {
    if (sites.length >= MAX_SITES || callers.length > MAX_DEPTH) return;
    const place = placeOf(field(node, 'callFrame'));
    const selfBytes = figure(field(node, 'selfSize')) ?? 0;
    if (selfBytes > 0) sites.push({ place, selfBytes, stack: callers });
    const children = field(node, 'children');
    if (!Array.isArray(children)) return;
    const below = place.functionName === '(root)' ? callers : [place, ...callers];
    for (const child of children) visit(child, below);
  };
  visit(field(field(told, 'profile'), 'head'), []);
  return {
    atMs: figure(field(told, 'atMs')) ?? 0,
    pauseMs: figure(field(told, 'pauseMs')) ?? 0,
    sites,
  };
}

function placeOf(frame: unknown): RawPlace {
  const text = (name: string): string => {
    const value = field(frame, name);
    return typeof value === 'string' ? value.slice(0, 2048) : '';
  };
  // V8 counts lines and columns from 0, people from 1; −1 is native code.
  const number = (name: string): number | null => {
    const value = figure(field(frame, name));
    return value === null ? null : value + 1;
  };
  return {
    functionName: text('functionName'),
    file: text('url'),
    line: number('lineNumber'),
    column: number('columnNumber'),
    scriptId: text('scriptId'),
  };
}
