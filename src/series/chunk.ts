import { type ByteReader, type ByteWriter, corrupt, unzigzag, zigzag } from './bytes.ts';
import type { Samples } from './samples.ts';
import { chooseUnit, fromCount, RAW, toCount } from './unit.ts';

/**
 * A chunk: samples of one series in time order, as differences. It begins with a head (unit, clock, first step), the
 * first time and the first value; then come tokens up to its end, each one variable-length number:
 *
 *   …0   a sample one step later, its value changed by the zigzag difference in the upper bits
 *   …01  that many samples, one step apart, with the value unchanged
 *   …11  from here on the step is this long
 *
 * Steps are counted in positions on the time axis that all series of a block share (one sweep looks at many processes
 * at one time), or in milliseconds where a series has times of its own. So a process that sits still and is looked at
 * every eighth tick costs a few bytes an hour.
 */
export const MAX_CHUNK_SAMPLES = 65_536;

/** Times that several series of a block share: position by time, and back. */
export interface Axis {
  readonly times: readonly number[];
  readonly positions: ReadonlyMap<number, number>;
}

/** A first step of 1 … 8 ticks stands in the head: the sampler looks at every tick, down to every 8th when all is quiet. */
const MAX_HEAD_STEP = 8;
/** Without an axis a tick is taken to be a second. */
const tick = (onAxis: boolean): number => (onAxis ? 1 : 1000);

/** Writes samples `from … to` (in time order, at least one, at most MAX_CHUNK_SAMPLES). */
export function encodeChunk(out: ByteWriter, samples: Samples, from: number, to: number, axis: Axis): void {
  const { times, values } = samples;
  const unit = chooseUnit(values, from, to);
  const onAxis = allOnAxis(times, from, to, axis);
  const clockAt = (index: number): number =>
    onAxis ? (axis.positions.get(times[index] as number) as number) : (times[index] as number);
  let clock = clockAt(from);
  const ticks = to - from < 2 ? 1 : (clockAt(from + 1) - clock) / tick(onAxis);
  const headStep = Number.isInteger(ticks) && ticks >= 1 && ticks <= MAX_HEAD_STEP ? ticks : 1;
  out.varint(unit + (onAxis ? 8 : 0) + (headStep - 1) * 16);
  out.varint(clock);
  let value = values[from] as number;
  writeValue(out, value, unit);
  let step = headStep * tick(onAxis);
  let run = 0;
  for (let index = from + 1; index < to; index += 1) {
    const nextClock = clockAt(index);
    if (nextClock - clock !== step) {
      run = endRun(out, run);
      step = nextClock - clock;
      out.varint(step * 4 + 3);
    }
    clock = nextClock;
    const next = values[index] as number;
    if (next === value) {
      run += 1;
      continue;
    }
    run = endRun(out, run);
    writeChange(out, value, next, unit);
    value = next;
  }
  endRun(out, run);
}

/** Appends the chunk's samples to `into`; throws `corrupt` rather than make up a sample. */
export function decodeChunk(reader: ByteReader, axisTimes: readonly number[], into: Samples): void {
  const head = reader.varint();
  const unit = head % 8;
  const onAxis = Math.floor(head / 8) % 2 === 1;
  if (head > 127 || unit > RAW) throw corrupt('a chunk has an impossible head');
  let left = MAX_CHUNK_SAMPLES;
  let clock = reader.varint();
  let value = unit === RAW ? reader.float() : fromCount(reader.signed(), unit);
  let step = (Math.floor(head / 16) + 1) * tick(onAxis);
  into.push(onAxis ? timeAt(axisTimes, clock) : clock, value);
  left -= 1;
  while (reader.remaining > 0) {
    const token = reader.varint();
    if (token % 4 === 3) {
      step = (token - 3) / 4;
      continue;
    }
    const isRun = token % 2 === 1;
    const repeat = isRun ? (token - 1) / 4 : 1;
    if (repeat < 1 || repeat > left) throw corrupt('a chunk holds too many samples');
    if (!isRun) value = unit === RAW ? reader.float() : fromCount(toCount(value, unit) + unzigzag(token / 2), unit);
    for (let index = 0; index < repeat; index += 1) {
      clock += step;
      into.push(onAxis ? timeAt(axisTimes, clock) : clock, value);
    }
    left -= repeat;
  }
}

function endRun(out: ByteWriter, run: number): 0 {
  if (run > 0) out.varint(run * 4 + 1);
  return 0;
}

function writeValue(out: ByteWriter, value: number, unit: number): void {
  if (unit === RAW) out.float(value);
  else out.signed(toCount(value, unit));
}

function writeChange(out: ByteWriter, before: number, after: number, unit: number): void {
  if (unit !== RAW) {
    out.varint(zigzag(toCount(after, unit) - toCount(before, unit)) * 2);
    return;
  }
  out.varint(0);
  out.float(after);
}

function allOnAxis(times: Float64Array, from: number, to: number, axis: Axis): boolean {
  for (let index = from; index < to; index += 1) {
    if (!axis.positions.has(times[index] as number)) return false;
  }
  return true;
}

function timeAt(axisTimes: readonly number[], index: number): number {
  const time = axisTimes[index];
  if (time === undefined) throw corrupt('a chunk points outside of its time axis');
  return time;
}
