import { describe, expect, test } from 'vitest';
import { readTaskEndings } from '../../../../src/integrations/session-files.ts';
import type { OomCounters } from '../../../../src/model/index.ts';
import { lastCurve } from '../../../../src/service/black-box/last-curve.ts';
import { watchOom } from '../../../../src/service/black-box/oom-watch.ts';

const NOW = Date.parse('2026-07-17T18:00:00.000Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();
const kill = (ms: number) =>
  JSON.stringify({
    type: 'queue-operation',
    timestamp: at(ms),
    content: '<status>killed</status> Background command "x" was stopped',
  });
const ask = (ms: number, name = 'TaskStop') =>
  JSON.stringify({ type: 'assistant', timestamp: at(ms), message: { content: [{ type: 'tool_use', name }] } });

describe('what Claude Code wrote about background commands', () => {
  test.each<[string, string[], boolean, boolean]>([
    ['a kill that nobody asked for', [kill(20)], true, false],
    ['a kill that was asked for', [ask(-50), kill(10)], true, true],
    ['a stop whose record is not written yet', [ask(-50, 'KillShell')], false, true],
    ['the stop of another one before', [ask(-9_000), kill(-8_900), kill(30)], true, false],
    ['a kill of long ago', [kill(-60_000)], false, false],
    [
      'an agent that was stopped',
      [JSON.stringify({ timestamp: at(0), content: '<status>killed</status> Agent "x" was stopped' })],
      false,
      false,
    ],
    ['a torn line', [kill(20).slice(30), kill(20)], true, false],
    ['a record without a time', ['<status>killed</status> Background command'], false, false],
  ])('%s', (_, lines, killed, stopAsked) => {
    const found = readTaskEndings(lines.join('\n'), NOW - 100, NOW);
    expect(found.killedAtMs !== null).toBe(killed);
    expect(found.stopAsked).toBe(stopAsked);
  });
});

describe('the count of OOM kills', () => {
  const counters = (host: number | null, cgroup?: number): OomCounters => ({
    atMs: clockMs,
    host,
    cgroups: new Map(cgroup === undefined ? [] : [['/a', cgroup]]),
  });
  let clockMs = 0;
  let now = counters(0, 0);

  test('its rise is counted from the last reading before the death', () => {
    const watch = watchOom({ counters: () => now });
    const look = (ms: number, host: number, cgroup: number) => {
      clockMs = ms;
      now = counters(host, cgroup);
      watch.look(ms, () => ['/a']);
    };
    look(0, 3, 1);
    look(6_000, 4, 1);
    look(12_000, 5, 2);
    clockMs = 13_000;
    now = counters(5, 2);
    const read = watch.read(['/a']);
    expect(watch.rise(read, 11_000, '/a')).toEqual({ host: 1, cgroup: 1 });
    expect(watch.rise(read, 12_500, '/a')).toEqual({ host: 0, cgroup: 0 });
    expect(watch.rise(read, 5_000, '/b')).toEqual({ host: 2, cgroup: null });
    expect(watch.rise(read, -1, '/a')).toEqual({ host: null, cgroup: null });
  });

  test('it is read every five seconds at most', () => {
    let reads = 0;
    const watch = watchOom({
      counters: () => {
        reads += 1;
        return counters(0);
      },
    });
    for (clockMs = 0; clockMs < 60_000; clockMs += 1_000) watch.look(clockMs, () => []);
    expect(reads).toBe(12);
  });
});

test('the last curve leaves out the zeros of a zombie, and a bucket begins at its first sample', async () => {
  const bucket = (tMs: number, value: number) => ({ tMs, min: value, mean: value, max: value, count: 1 });
  const curve = await lastCurve(
    async ({ subject, metric, toMs }) => ({
      subject,
      metric,
      stepMs: 1000,
      buckets:
        metric === 'rssBytes' && toMs === NOW
          ? [bucket(NOW - 5_000, 10), bucket(NOW - 3_000, 20), bucket(NOW - 1_000, 0)]
          : metric === 'pssBytes' && toMs === NOW
            ? [bucket(NOW - 2_000, 7)]
            : [],
      heldFromMs: NOW - 4_500,
      heldToMs: NOW,
    }),
    '1:1',
    NOW,
  );
  expect(curve).toEqual([
    { atMs: NOW - 4_500, rssBytes: 10, pssBytes: null, swapBytes: null },
    { atMs: NOW - 3_000, rssBytes: 20, pssBytes: 7, swapBytes: null },
  ]);
});
