import type { DetectorSample } from '../../model/index.ts';

/** Columns of a recording, as they are written, and the figure each of them is. */
export const COLUMNS = {
  t_ms: 'tMs',
  rss_bytes: 'rssBytes',
  pss_bytes: 'pssBytes',
  swap_bytes: 'swapBytes',
  heap_used_bytes: 'heapUsedBytes',
  external_bytes: 'externalBytes',
  gc_floor_bytes: 'gcFloorBytes',
  gc_before_bytes: 'gcBeforeBytes',
  cpu_ratio: 'cpuRatio',
  requests: 'requests',
  threads: 'threads',
  open_files: 'openFiles',
  children: 'children',
  file_bytes: 'fileBytes',
} as const satisfies Record<string, keyof DetectorSample>;

export type Column = keyof typeof COLUMNS;

/** Without these a row is no sample. */
export const NEEDED: readonly Column[] = ['t_ms', 'rss_bytes'];

const bare = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
const BY_NAME = new Map((Object.keys(COLUMNS) as Column[]).map((column) => [bare(column), column]));

/** `rss_bytes`, `rssBytes`, `"RSS_BYTES"`, ` rss_bytes `; undefined: no column of ours. */
export function columnOf(name: string): Column | undefined {
  return BY_NAME.get(bare(name));
}
