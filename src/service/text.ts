/** Figures in the sentences of reports; faces format the fields themselves. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** '1.4 GiB': binary units, two significant digits below ten. */
export function sizeText(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${bytes < 0 ? '-' : ''}${value.toFixed(digits)} ${UNITS[unit]}`;
}

export const percentText = (share: number): string => `${Math.round(share * 100)} %`;
