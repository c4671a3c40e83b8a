import { describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/faces/cli/index.ts';
import type { ChannelHealth, ChannelReport, Rampart } from '../../../src/model/index.ts';
import { capture, fakeDeps, fakeRampart } from '../../support/cli/fake.ts';
import { NOW_MS } from '../../support/cli/reports.ts';

const channel = (over: Partial<ChannelHealth>): ChannelHealth => ({
  name: 'webhook',
  state: 'ok',
  sent: 3,
  failed: 0,
  waiting: 0,
  dropped: 0,
  stopped: {},
  lastError: null,
  lastSentMs: NOW_MS - 60_000,
  nextAttemptMs: null,
  ...over,
});
const report = (over: Partial<ChannelReport> = {}): ChannelReport => ({
  schemaVersion: 1,
  atMs: NOW_MS,
  channels: [channel({})],
  deadLetters: [],
  outboxError: null,
  ...over,
});

async function run(words: string, part: Partial<Rampart>) {
  const streams = capture();
  const code = await runCli(words.split(' '), fakeDeps({ ensureService: async () => fakeRampart(part) }), streams);
  return { code, out: streams.out(), err: streams.err() };
}

describe('rampart notify', () => {
  it('shows how each channel fares, what was stopped and why, and what was given up', async () => {
    const { code, out } = await run('notify', {
      listChannels: async () =>
        report({
          channels: [
            channel({ stopped: { silenced: 2, superseded: 1 } }),
            channel({ name: 'email', state: 'failing', waiting: 4, lastError: 'ECONNREFUSED\u001b[31m' }),
          ],
          deadLetters: [
            {
              id: 'x',
              channel: 'email',
              level: 'critical',
              title: 'It leaks.',
              atMs: 1,
              diedAtMs: NOW_MS - 1000,
              attempts: 9,
              reason: 'HTTP 500',
            },
          ],
          outboxError: 'ENOSPC',
        }),
    });
    expect(code).toBe(0);
    expect(out).toMatch(/webhook +ok +3/);
    expect(out).toMatch(/email +failing/);
    expect(out).toContain('not sent: 2 silenced, 1 superseded');
    expect(out).toContain('ECONNREFUSED');
    expect(out).not.toContain('\u001b[31m');
    expect(out).toContain('9 attempts: It leaks. (HTTP 500)');
    expect(out).toContain('outbox cannot be written: ENOSPC');
  });

  it('says how to begin when there is no channel', async () => {
    const { out } = await run('notify', { listChannels: async () => report({ channels: [] }) });
    expect(out).toContain('docs/notifications.md');
  });

  it.each([
    [true, 0, 'delivered by webhook in 12 ms: HTTP 204'],
    [false, 69, 'not delivered by webhook in 12 ms: HTTP 204'],
  ])('tests a channel: delivered %s', async (delivered, exit, says) => {
    const testChannel = vi.fn<Rampart['testChannel']>(async ({ channel: name }) => ({
      channel: name,
      delivered,
      tookMs: 12,
      detail: 'HTTP 204',
    }));
    const { code, out } = await run('notify --test webhook', { testChannel });
    expect({ code, out: out.trim() }).toEqual({ code: exit, out: says });
    expect(testChannel).toHaveBeenCalledWith({ channel: 'webhook' });
    expect(JSON.parse((await run('notify --test webhook --json', { testChannel })).out)).toMatchObject({
      schemaVersion: 1,
      delivered,
    });
  });

  it('replays one channel or all', async () => {
    const replayNotifications = vi.fn<Rampart['replayNotifications']>(async () => ({ replayed: 2 }));
    expect((await run('notify --replay', { replayNotifications })).out).toContain('2 notifications will be sent again');
    await run('notify --replay --channel email', { replayNotifications });
    expect(replayNotifications.mock.calls).toEqual([[{ channel: undefined }], [{ channel: 'email' }]]);
  });
});
