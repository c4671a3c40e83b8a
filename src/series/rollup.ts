import { type ByteReader, type ByteWriter, corrupt, unzigzag, zigzag } from './bytes.ts';
import { type Axis, MAX_CHUNK_SAMPLES } from './chunk.ts';
import type { Summary } from './downsample.ts';
import { chooseUnit, fromCount, RAW, toCount } from './unit.ts';

/**
 * A roll-up chunk: summaries of one series as differences. The axis of its block has two times: where counting begins,
 * and one step later. Tokens as in `chunk.ts`:
 *
 *   …0   a summary one step later: least value changed by the zigzag difference in the upper bits; then greatest − least,
 *        sum − count × least, and the change of count
 *   …01  that many summaries, each like the last but one: a process that is looked at every 8 s has 7, 8, 7, 8, …
 *        samples a minute
 *   …11  from here on the step is long
 */
export function encodeRollup(out: ByteWriter, summaries: readonly Summary[], axis: Axis): void {
  if (summaries.length === 0 || summaries.length > MAX_CHUNK_SAMPLES) throw new RangeError('1 … 65,536 summaries');
  const unit = unitOf(summaries);
  out.varint(unit);
  const [originMs, stepMs] = clockOf(axis.times);
  let clock = ((summaries[0] as Summary).tMs - originMs) / stepMs - 1;
  out.signed(clock);
  let step = 1;
  let run = 0;
  let before: Body = NOTHING;
  let lastButOne: Body = NOTHING;
  const endRun = (): void => {
    if (run > 0) out.varint(run * 4 + 1);
    run = 0;
  };
  for (const summary of summaries) {
    const next = (summary.tMs - originMs) / stepMs;
    if (next - clock !== step) {
      endRun();
      step = next - clock;
      out.varint(step * 4 + 3);
    }
    clock = next;
    if (isLike(summary, lastButOne)) {
      run += 1;
      [lastButOne, before] = [before, lastButOne];
      continue;
    }
    endRun();
    if (unit === RAW) writeRaw(out, summary);
    else writeCounts(out, before, summary, unit);
    out.signed(summary.count - before.count);
    [lastButOne, before] = [before, summary];
  }
  endRun();
}

export function decodeRollup(
  reader: ByteReader,
  axisTimes: readonly number[],
  visit: (summary: Summary) => void,
): void {
  const unit = reader.varint();
  let left = MAX_CHUNK_SAMPLES;
  if (unit > RAW) throw corrupt('a roll-up has an impossible head');
  const [originMs, stepMs] = clockOf(axisTimes);
  let clock = reader.signed();
  let step = 1;
  let last: Body = NOTHING;
  let lastButOne: Body = NOTHING;
  while (reader.remaining > 0) {
    const token = reader.varint();
    if (token % 4 === 3) {
      step = (token - 3) / 4;
      continue;
    }
    const isRun = token % 2 === 1;
    const repeat = isRun ? (token - 1) / 4 : 1;
    if (repeat < 1 || repeat > left) throw corrupt('a roll-up holds too much');
    for (let index = 0; index < repeat; index += 1) {
      const next = isRun
        ? lastButOne
        : unit === RAW
          ? readRaw(reader, last)
          : readCounts(reader, token / 2, last, unit);
      [lastButOne, last] = [last, next];
      clock += step;
      visit({ tMs: originMs + clock * stepMs, ...next });
    }
    left -= repeat;
  }
}

function clockOf(axisTimes: readonly number[]): [originMs: number, stepMs: number] {
  const [first, second] = axisTimes;
  if (first === undefined || second === undefined) throw corrupt('a roll-up has no clock');
  return [first, second - first];
}

type Body = Omit<Summary, 'tMs'>;

const NOTHING: Body = { min: 0, max: 0, sum: 0, count: 0 };

function isLike(one: Body, other: Body): boolean {
  return one.min === other.min && one.max === other.max && one.sum === other.sum && one.count === other.count;
}

function writeCounts(out: ByteWriter, before: Body, summary: Body, unit: number): void {
  const least = toCount(summary.min, unit);
  out.varint(zigzag(least - toCount(before.min, unit)) * 2);
  out.varint(toCount(summary.max, unit) - least);
  out.varint(toCount(summary.sum, unit) - summary.count * least);
}

function readCounts(reader: ByteReader, change: number, before: Body, unit: number): Body {
  const least = toCount(before.min, unit) + unzigzag(change);
  const greatest = least + reader.varint();
  const rest = reader.varint();
  const count = before.count + reader.signed();
  const sum = fromCount(rest + count * least, unit);
  return { min: fromCount(least, unit), max: fromCount(greatest, unit), sum, count };
}

function writeRaw(out: ByteWriter, summary: Body): void {
  out.varint(0);
  out.float(summary.min);
  out.float(summary.max);
  out.float(summary.sum);
}

function readRaw(reader: ByteReader, before: Body): Body {
  return { min: reader.float(), max: reader.float(), sum: reader.float(), count: before.count + reader.signed() };
}

/** A unit must count least, greatest and sum alike, and leave no sum too large to be exact. */
function unitOf(summaries: readonly Summary[]): number {
  const values = new Float64Array(summaries.length * 3);
  summaries.forEach((summary, index) => values.set([summary.min, summary.max, summary.sum], index * 3));
  return chooseUnit(values, 0, values.length);
}
