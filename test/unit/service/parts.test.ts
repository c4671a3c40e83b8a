import { afterEach, describe, expect, test, vi } from 'vitest';
import { CpuMeter } from '../../../src/service/engine/cpu-meter.ts';
import { createEventStream } from '../../../src/service/engine/events.ts';
import { createLineSplitter } from '../../../src/service/socket/frames.ts';
import { reduceEnvironment } from '../../../src/service/socket/launch.ts';
import { listProcesses } from '../../../src/service/answers/list-processes.ts';
import { compareVersions, protocolsMeet } from '../../../src/service/socket/protocol.ts';
import { steadySeverity } from '../../../src/service/answers/severity.ts';
import { createTicker } from '../../../src/service/engine/ticker.ts';
import type { Limit, ProcessReport, RampartEvent, Severity } from '../../../src/model/index.ts';
import { createFakeClock, createFakeSource } from '../../support/service/fake-source.ts';

describe('lines', () => {
  const split = (chunks: readonly string[], max = 100): { lines: string[]; ok: boolean } => {
    const lines: string[] = [];
    const push = createLineSplitter(max, (line) => lines.push(line));
    return { lines, ok: chunks.every((chunk) => push(Buffer.from(chunk))) };
  };

  test('come out whole, however they were cut', () => {
    const text = 'a\n\nbcd\nä€😀\n';
    expect(split([text]).lines).toEqual(['a', '', 'bcd', 'ä€😀']);
    const bytes: string[] = [];
    const push = createLineSplitter(100, (line) => bytes.push(line));
    for (const byte of Buffer.from(text)) push(Buffer.of(byte));
    expect(bytes).toEqual(['a', '', 'bcd', 'ä€😀']);
  });

  test('of the greatest length pass, longer ones do not, in one chunk or many', () => {
    expect(split(['x'.repeat(100), '\n']).lines).toHaveLength(1);
    expect(split([`${'x'.repeat(101)}\n`]).ok).toBe(false);
    expect(split(['x'.repeat(60), 'x'.repeat(60)]).ok).toBe(false);
  });
});

describe('versions', () => {
  test.each([
    ['1.0.0', '1.0.0', 0],
    ['1.10.0', '1.9.9', 1],
    ['0.1.0', '0.2.0', -1],
    ['1.0.0-beta.2', '1.0.0', -1],
    ['1.0.0-beta.10', '1.0.0-beta.9', 1],
    ['1.0.0+build.5', '1.0.0', 0],
    ['rubbish', '0.0.1', -1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(-sign || 0);
  });

  test('protocols meet when their ranges do', () => {
    const range = (oldestProtocol: number, protocol: number) => ({ oldestProtocol, protocol });
    expect(protocolsMeet(range(1, 3), range(2, 5))).toBe(true);
    expect(protocolsMeet(range(1, 1), range(2, 2))).toBe(false);
  });
});

test('the service gets nothing of the agent that started it', () => {
  const kept = reduceEnvironment({
    HOME: '/h',
    PATH: '/p',
    LC_ALL: 'C',
    XDG_RUNTIME_DIR: '/r',
    RAMPART_SAMPLE_INTERVAL: '5s',
    CLAUDE_CONFIG_DIR: '/c',
    CLAUDE_CODE_SESSION_ID: 's',
    CLAUDECODE: '1',
    ANTHROPIC_API_KEY: 'k',
    NODE_OPTIONS: '--inspect',
    AI_AGENT: 'x',
  });
  expect(Object.keys(kept).toSorted()).toEqual([
    'CLAUDE_CONFIG_DIR',
    'HOME',
    'LC_ALL',
    'PATH',
    'RAMPART_SAMPLE_INTERVAL',
    'XDG_RUNTIME_DIR',
  ]);
});

describe('severity', () => {
  const levels = { warning: 0.75, critical: 0.85, emergency: 0.95 };
  const at = (used: number, before: Severity, fullAvg10Percent = 0): Severity => {
    const limit: Limit = {
      kind: 'host-memory',
      limitBytes: 100,
      usedBytes: used,
      headroomBytes: 100 - used,
      source: '',
    };
    const pressure = { someAvg10Percent: 0, fullAvg10Percent, someTotalUs: 0, fullTotalUs: 0 };
    return steadySeverity(limit, pressure, levels, before).severity;
  };

  test.each([
    [74, 'ok', 'ok'],
    [75, 'ok', 'warning'],
    [71, 'warning', 'warning'],
    [70, 'warning', 'warning'],
    [69, 'warning', 'ok'],
    [81, 'critical', 'critical'],
    [79, 'critical', 'warning'],
    [72, 'emergency', 'warning'],
    [96, 'warning', 'emergency'],
    [10, 'emergency', 'ok'],
  ] as const)('%i %% after %s is %s', (used, before, now) => {
    expect(at(used, before)).toBe(now);
  });

  test('time lost to waiting counts, and is left at half of where it was entered', () => {
    expect(at(10, 'ok', 12)).toBe('warning');
    expect(at(10, 'warning', 6)).toBe('warning');
    expect(at(10, 'warning', 4)).toBe('ok');
  });
});

describe('CPU share', () => {
  const clock = createFakeClock();
  const { sample } = createFakeSource(clock).add(1);

  test('is unknown after one reading, then the average between the last two', () => {
    const meter = new CpuMeter({ ...sample, cpuAtMs: 0 }, 0);
    expect(meter.percent()).toBeNull();
    meter.note({ ...sample, cpuMs: 500, cpuAtMs: 1000 }, 1000);
    expect(meter.percent()).toBe(50);
    meter.note({ ...sample, cpuMs: 1500, cpuAtMs: 11_000 }, 11_000);
    expect(meter.percent()).toBe(10);
  });

  test('counts from when CPU time was read, not from when memory was', () => {
    const meter = new CpuMeter({ ...sample, cpuAtMs: 0 }, 0);
    meter.note({ ...sample, cpuMs: 320, cpuAtMs: 32_000 }, 32_000);
    for (const atMs of [33_000, 40_000, 60_000]) meter.note({ ...sample, cpuMs: 320, cpuAtMs: 32_000 }, atMs);
    expect(meter.percent()).toBe(1);
    meter.note({ ...sample, cpuMs: 320, cpuAtMs: 64_000 }, 64_000);
    expect(meter.percent()).toBe(0);
  });

  test('begins again when the clock was set back', () => {
    const meter = new CpuMeter({ ...sample, cpuAtMs: 10_000 }, 10_000);
    meter.note({ ...sample, cpuMs: 500, cpuAtMs: 11_000 }, 11_000);
    meter.note({ ...sample, cpuMs: 600, cpuAtMs: 1_000 }, 1_000);
    expect(meter.percent()).toBe(50);
    meter.note({ ...sample, cpuMs: 700, cpuAtMs: 2_000 }, 2_000);
    expect(meter.percent()).toBe(10);
  });
});

test('a listener that throws loses its event, and no other listener does', () => {
  const errors: unknown[] = [];
  const events = createEventStream((error) => errors.push(error));
  const heard: RampartEvent[] = [];
  events.subscribe(() => {
    throw new Error('bad listener');
  });
  const stop = events.subscribe((event) => heard.push(event));
  const tick: RampartEvent = { type: 'tick', atMs: 1, processes: 1, memoryAvailableBytes: 1 };
  events.publish(tick);
  stop();
  events.publish(tick);
  expect(heard).toEqual([tick]);
  expect(errors).toHaveLength(2);
  expect(events.isHeard()).toBe(true);
});

describe('the ticker', () => {
  afterEach(() => vi.useRealTimers());

  test('never runs two ticks at once, and counts those that a late one made it miss', async () => {
    vi.useFakeTimers();
    const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
    let running = 0;
    let most = 0;
    let ticks = 0;
    const durations = [0, 3_500, 0, 0, 0];
    const ticker = createTicker(clock, 1000, async () => {
      running += 1;
      most = Math.max(most, running);
      const wait = durations[ticks] ?? 0;
      ticks += 1;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      running -= 1;
    });
    ticker.start();
    await vi.advanceTimersByTimeAsync(7_500);
    // At 0, 1 (until 4.5), 5, 6, 7 s: 2, 3 and 4 were missed.
    expect(ticks).toBe(5);
    expect(ticker.skipped()).toBe(3);
    expect(most).toBe(1);
    await ticker.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ticks).toBe(5);
  });
});

describe('the list of processes', () => {
  const report = (pid: number, rssBytes: number, pssBytes: number | null = null): ProcessReport =>
    ({
      id: `${pid}:1`,
      pid,
      rssBytes,
      pssBytes,
      swapBytes: 0,
      cpuPercent: null,
      startedAtMs: 1000 - pid,
      role: 'server',
      verdict: 'idle',
      sessionId: pid % 2 === 0 ? 'even' : null,
      name: `Name${pid}`,
      command: `run ${pid}`,
    }) as unknown as ProcessReport;
  const all = Array.from({ length: 25 }, (_, index) => report(index + 1, (index % 5) * 100));

  test('pages hold every process once, equal sizes too, although some end and start in between', () => {
    const first = listProcesses(all, { limit: 10, sort: 'rss' }, 5);
    const gone = first.processes[9]?.id;
    const changed = [...all.filter(({ id }) => id !== gone), report(99, 1_000_000)];
    const second = listProcesses(changed, { limit: 10, cursor: first.nextCursor ?? '' }, 6);
    const third = listProcesses(changed, { limit: 10, cursor: second.nextCursor ?? '' }, 7);
    const ids = [first, second, third].flatMap(({ processes }) => processes.map(({ id }) => id));
    expect(ids.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(third.nextCursor).toBeNull();
  });

  test('filters by word, session, role and verdict; PSS counts before RSS', () => {
    expect(listProcesses(all, { match: 'NAME7' }, 1).processes.map(({ pid }) => pid)).toEqual([7]);
    expect(listProcesses(all, { sessionId: 'even', limit: 100 }, 1).total).toBe(12);
    expect(listProcesses(all, { role: 'tool' }, 1).total).toBe(0);
    const shared = [report(1, 900, 10), report(2, 100, 50)];
    expect(listProcesses(shared, {}, 1).processes.map(({ pid }) => pid)).toEqual([2, 1]);
    expect(listProcesses(shared, { sort: 'rss' }, 1).processes.map(({ pid }) => pid)).toEqual([1, 2]);
  });

  test.each([
    [{ sort: 'size' as 'rss' }, 'memory, rss, cpu, age'],
    [{ role: 'boss' as 'agent' }, 'agent, server'],
    [{ verdict: 'dead' as 'idle' }, 'orphan'],
    [{ limit: 0 }, '1 to 500'],
    [{ limit: 501 }, '1 to 500'],
    [{ cursor: 'WzFd' }, 'first page'],
    [{ cursor: Buffer.from('["rss",1,{},2]').toString('base64url') }, 'first page'],
  ])('%o is refused with what is valid', (query, hint) => {
    expect(() => listProcesses(all, query, 1)).toThrow(
      expect.objectContaining({ code: 'bad-input', hint: expect.stringContaining(hint) }),
    );
  });
});
