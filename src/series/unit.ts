/**
 * The step that values are counted in. The kernel counts resident memory in pages, smaps and meminfo in KiB, CPU time in
 * ticks of 10 ms and pressure in hundredths of a percent; counted in those, differences are small and take few bytes. A
 * unit is used only where every value of a chunk is a whole number of it: nothing is rounded, ever.
 */
const WHOLE_UNITS = [4096, 1024, 10, 1] as const;

/** Codes in the file format, in order of preference: never reuse or reorder. */
const HUNDREDTHS = 4;
/** 8-byte floats: whatever fits none of the others. */
export const RAW = 5;

/** Counts stay within ±2^49, so that a difference, zigzag and tag bits still fit into 2^53. */
const MAX_COUNT = 2 ** 49;

/** The largest unit that counts all of these values without loss. */
export function chooseUnit(values: Float64Array, from: number, to: number): number {
  for (let code = 0; code < RAW; code += 1) {
    if (fits(values, from, to, code)) return code;
  }
  return RAW;
}

/** A value as a count of its unit. Only for values that fit (see `chooseUnit`). */
export function toCount(value: number, code: number): number {
  return code === HUNDREDTHS ? Math.round(value * 100) : value / (WHOLE_UNITS[code] ?? 1);
}

export function fromCount(count: number, code: number): number {
  return code === HUNDREDTHS ? count / 100 : count * (WHOLE_UNITS[code] ?? 1);
}

function fitsUnit(value: number, code: number): boolean {
  const count = toCount(value, code);
  return Number.isInteger(count) && Math.abs(count) <= MAX_COUNT && fromCount(count, code) === value;
}

function fits(values: Float64Array, from: number, to: number, code: number): boolean {
  for (let index = from; index < to; index += 1) {
    if (!fitsUnit(values[index] as number, code)) return false;
  }
  return true;
}
