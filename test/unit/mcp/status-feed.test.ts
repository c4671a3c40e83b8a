import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStatusFeed } from '../../../src/faces/mcp/status-feed.ts';
import type { RampartEvent } from '../../../src/model/index.ts';
import { fakeRampart, processReport, sessionReport, statusReport } from '../../support/mcp/fake-rampart.ts';

const MIB = 1024 * 1024;
const started: RampartEvent = { type: 'session:started', atMs: 1, sessionId: 's', client: 'codex' };
const tick: RampartEvent = { type: 'tick', atMs: 1, processes: 1, memoryAvailableBytes: 1 };

const sessionOf = (pssBytes: number) =>
  statusReport({ sessions: [sessionReport('s', [processReport({ pid: 1, role: 'agent', pssBytes })])] });

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

async function listening() {
  const rampart = fakeRampart(sessionOf(400 * MIB));
  const feed = createStatusFeed({ rampart: async () => rampart });
  const notices = vi.fn<() => void>();
  const stop = feed.listen(notices);
  await vi.advanceTimersByTimeAsync(10);
  return { rampart, feed, notices, stop };
}

describe('the status feed', () => {
  it('asks nobody until somebody listens, and lets go when the last one leaves', async () => {
    const { rampart, feed, stop } = await listening();
    expect(rampart.listeners.size).toBe(1);
    const stopSecond = feed.listen(() => {});
    await vi.advanceTimersByTimeAsync(10);
    expect(rampart.asked.filter(({ method }) => method === 'subscribe')).toHaveLength(1);
    stop();
    expect(rampart.listeners.size).toBe(1);
    stopSecond();
    expect(rampart.listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells of a severity and of sessions that come and go, at most once in 5 s', async () => {
    const { rampart, notices } = await listening();
    for (let burst = 0; burst < 50; burst += 1) rampart.emit(started);
    await vi.advanceTimersByTimeAsync(1);
    expect(notices).toHaveBeenCalledTimes(1);
    rampart.emit({ type: 'severity', atMs: 2, from: 'ok', to: 'warning', reason: 'r' });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(notices).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(notices).toHaveBeenCalledTimes(2);
  });

  it('does not tell of ticks and processes', async () => {
    const { rampart, notices } = await listening();
    rampart.emit(tick);
    rampart.emit({ type: 'process:started', atMs: 1, process: '1:2' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(notices).not.toHaveBeenCalled();
  });

  it.each([
    ['breathing', 410, 0],
    ['a quarter more', 510, 1],
    ['a quarter less', 300, 1],
  ])('tells of sizes: %s', async (_name, mib, expected) => {
    const { rampart, notices } = await listening();
    rampart.report = sessionOf(mib * MIB);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(notices).toHaveBeenCalledTimes(expected);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(notices).toHaveBeenCalledTimes(expected);
  });

  it('adds slow growth up until it is news', async () => {
    const { rampart, notices } = await listening();
    for (const mib of [440, 480, 520]) {
      rampart.report = sessionOf(mib * MIB);
      await vi.advanceTimersByTimeAsync(30_100);
    }
    expect(notices).toHaveBeenCalledTimes(1);
  });

  it('tells of a session that became an orphan, not of one that went from busy to idle', async () => {
    const { rampart, notices } = await listening();
    const verdict = (value: 'idle' | 'orphan') =>
      statusReport({ sessions: [{ ...sessionOf(400 * MIB).sessions[0]!, verdict: value }] });
    rampart.report = verdict('idle');
    await vi.advanceTimersByTimeAsync(31_000);
    expect(notices).not.toHaveBeenCalled();
    rampart.report = verdict('orphan');
    await vi.advanceTimersByTimeAsync(31_000);
    expect(notices).toHaveBeenCalledTimes(1);
  });

  it('finds the service again after it went away', async () => {
    const { rampart } = await listening();
    rampart.failure = new Error('gone');
    rampart.listeners.clear();
    await vi.advanceTimersByTimeAsync(31_000);
    rampart.failure = null;
    await vi.advanceTimersByTimeAsync(11_000);
    expect(rampart.listeners.size).toBe(1);
  });
});
