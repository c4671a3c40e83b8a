/** Figures, times and ids in the sentences of reports, alerts and advice. Faces format the fields themselves. Pure. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** '1.4 GiB': binary units, one digit behind the point below ten. */
export function sizeText(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${bytes < 0 ? '-' : ''}${value.toFixed(unit > 0 && value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** A share of one as '37 %'. */
export const percentText = (share: number): string => `${Math.round(share * 100)} %`;

/** A span of time in ms, as coarse as people say it. */
export function timeText(ms: number): string {
  const minutes = Math.max(0, ms) / 60_000;
  if (minutes < 1) return 'less than a minute';
  if (minutes < 90) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${hours < 10 ? hours.toFixed(1) : Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Ids that others chose stand in a call or a command only where they look like ids, and never like a flag. */
export const isPlainId = (id: string): boolean => /^[\w.:@-]{1,128}$/.test(id) && !id.startsWith('-');
