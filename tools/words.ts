/** Figures in words for summaries, and ids that are fit to stand in prose. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** 1536 → '1.5 KiB'; null → 'unknown'. */
export function size(bytes: number | null): string {
  if (bytes === null) return 'unknown';
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function percent(share: number | null): string {
  return share === null ? 'unknown' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Session ids come from files and environments of others: only what looks like an id is repeated outside of JSON. */
export function isPlainId(id: string): boolean {
  return /^[\w.:@-]{1,128}$/.test(id);
}

/** One suggested call: `memory_status(target="4711:88")`. Ids that others chose go through `isPlainId` before. */
export function call(tool: string, args: Readonly<Record<string, string | number>> = {}, why = ''): string {
  const text = Object.entries(args)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? value : JSON.stringify(value)}`)
    .join(', ');
  return `${tool}(${text})${why === '' ? '' : `: ${why}`}`;
}
