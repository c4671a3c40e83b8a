/** Figures for people. JSON output never passes here: it keeps bytes, ms and epoch ms. */

const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Three significant digits, binary units: 2.31 GiB, 36.2 MiB, 198 MiB. Null is a dash: not known. */
export function bytes(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  let size = Math.abs(value);
  let step = 0;
  // 999.5 and more would print four digits: go one unit up instead.
  while (step < STEPS.length - 1 && size >= (step === 0 ? 1024 : 999.5)) {
    size /= 1024;
    step += 1;
  }
  const digits = step === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${value < 0 ? '-' : ''}${size.toFixed(digits)} ${STEPS[step]}`;
}

/** A change, with its sign: +12.0 MiB, -3 KiB, 0. */
export function change(value: number | null): string {
  if (value === null) return '–';
  if (value === 0) return '0';
  return value > 0 ? `+${bytes(value)}` : bytes(value);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units: 8 s, 5 min, 2 h 5 min, 3 d 4 h. */
export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return '–';
  const span = Math.max(0, ms);
  if (span < SECOND) return `${Math.round(span)} ms`;
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) {
    const minutes = Math.floor((span % HOUR) / MINUTE);
    return `${Math.floor(span / HOUR)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
  }
  const hours = Math.floor((span % DAY) / HOUR);
  return `${Math.floor(span / DAY)} d${hours > 0 ? ` ${hours} h` : ''}`;
}

/** Whole percent; one digit below 10, so that small loads do not read as none. */
export function percent(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return value !== 0 && Math.abs(value) < 9.95 ? `${value.toFixed(1)} %` : `${Math.round(value)} %`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

/** `14:03:27` in the machine's own zone. */
export function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
