// A process that does nothing but write history as fast as it can, until it is killed. Its clocks run a minute a flush,
// so that rewrites and clean-ups happen under the kill too. After each flush it says how far it is.
import { writeSync } from 'node:fs';
import { createFileStore, openHistory } from '../../../src/history/index.ts';

const [directory = '', from = '0', subjects = '40'] = process.argv.slice(2);
const MINUTE = 60_000;
/** Samples a series and minute. */
const LOOKS = 6;

let minute = Number(from);
const clock = {
  nowMs: () => 1_700_000_000_000 + minute * MINUTE,
  monotonicMs: () => minute * MINUTE,
};
// Nothing may go by age: the test counts every sample.
const retention = { maxAgeMs: Infinity, rawMaxAgeMs: Infinity, maxBytes: Infinity };
const history = await openHistory({ store: createFileStore(directory), clock, retention, flushIntervalMs: 0 });
for (;;) {
  for (let look = 0; look < LOOKS; look += 1) {
    const number = minute * LOOKS + look;
    const tMs = 1_700_000_000_000 + number * (MINUTE / LOOKS);
    for (let index = 0; index < Number(subjects); index += 1) {
      history.append(`${index}:1`, 'rssBytes', tMs, number * 4096);
    }
  }
  minute += 1;
  await history.flush();
  const { lastFlushError } = history.stats();
  writeSync(1, lastFlushError === null ? `${minute}\n` : `failed: ${lastFlushError}\n`);
}
