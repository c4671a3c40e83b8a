import { expect, test } from 'vitest';
import { createGrowers } from '../../../src/alerts/growers.ts';
import { hostExhaustion } from '../../../src/alerts/rules/host-exhaustion.ts';
import { ConfigSchema } from '../../../src/config/schema.ts';
import { MIB, NOW, observation, observed } from '../../support/advice/observation.ts';

const MINUTE = 60_000;
const at = (minute: number, sizes: Readonly<Record<number, number>>) => ({
  atMs: NOW + minute * MINUTE,
  processes: Object.entries(sizes).map(([pid, size]) => observed({ pid: Number(pid), footprintBytes: size * MIB })),
});
const said = (growers: ReturnType<typeof createGrowers>) =>
  growers.top()?.growers.map(({ process: { pid }, gainedBytes }) => [pid, gainedBytes / MIB]);

test('who took a quarter and more of the last five to ten minutes, most first, what is new with all that it has', () => {
  const growers = createGrowers();
  growers.push(at(0, { 1: 5000, 2: 100, 3: 100 }));
  growers.push(at(4, { 1: 5000, 2: 300, 3: 110 }));
  expect(growers.top()).toBeNull();
  growers.push(at(5, { 1: 4000, 2: 400, 3: 120 }));
  growers.push(at(8, { 1: 4000, 2: 600, 3: 150, 4: 250 }));
  expect(growers.top()?.sinceMs).toBe(NOW);
  expect(said(growers)).toEqual([
    [2, 500],
    [4, 250],
  ]);
  growers.push(at(10, { 1: 4000, 2: 600, 3: 150, 4: 250 }));
  expect(said(growers)).toEqual([
    [4, 250],
    [2, 200],
  ]);
});

test('nobody where many grow alike, and nothing after a hole or a clock that was set back', () => {
  const growers = createGrowers();
  const all = (size: number) => Object.fromEntries(Array.from({ length: 9 }, (_, index) => [index + 1, size]));
  growers.push(at(0, all(100)));
  growers.push(at(6, all(200)));
  expect(said(growers)).toEqual([]);
  growers.push(at(90, all(300)));
  expect(growers.top()).toBeNull();
  growers.push(at(95, all(400)));
  expect(said(growers)).toEqual([]);
  growers.push(at(2, all(500)));
  expect(growers.top()).toBeNull();
});

test('the alert that the machine runs out names the one that fills it, although no detector calls it leaking', () => {
  const evaluate = hostExhaustion.start(ConfigSchema.parse({}).alertThresholds);
  const ask = (minute: number, size: number) => {
    const { atMs, processes } = at(minute, { 1: 300, 7: size });
    const seen = observation({ processes });
    const hostForecast = {
      limitBytes: 16 * 1024 * MIB,
      limitSource: 'RAM.',
      atMs: atMs + 30 * MINUTE,
      earliestMs: atMs + 20 * MINUTE,
      latestMs: null,
      confidence: 0.8,
    };
    return evaluate({ ...seen, atMs, hostForecast }, { before: () => null, missing: [] }).holds[0];
  };
  expect(ask(0, 1000)?.detail).toMatch(/RAM\.$/);
  ask(5, 2000);
  const held = ask(9, 3000);
  expect(held?.detail).toMatch(/ Process 7 \(of a session\) took 2\.0 GiB in the last 9 min\.$/);
  expect(held?.evidence).toContainEqual({ kind: 'grower', detail: expect.stringContaining('Process 7') });
});
