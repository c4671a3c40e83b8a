import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert } from '../../src/model/index.ts';
import { CHANNELS, type Notifier, openNotifier } from '../../src/notify/index.ts';
import { alertOf, notificationOf } from '../support/alerts.ts';
import { type Alertmanager, findAlertmanager, type Sent, startAlertmanager } from '../support/notify/alertmanager.ts';
import { bookOf, channelDeps, notificationConfig } from '../support/notify/channel.ts';
import { openReceiver, type Receiver } from '../support/notify/receiver.ts';
import { until } from '../support/service/sandbox.ts';

const found = findAlertmanager();
if ('missing' in found) console.warn(`no Alertmanager is tried: ${found.missing}`);

describe.skipIf('missing' in found)('a real Prometheus Alertmanager', () => {
  let dir: string;
  let receiver: Receiver;
  let manager: Alertmanager;
  let notifier: Notifier;
  const alerts = new Map<string, Alert>();
  let number = 0;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rampart-alertmanager-'));
    receiver = await openReceiver();
    manager = await startAlertmanager('program' in found ? found.program : '', dir, receiver.url);
    notifier = await openNotifier({
      // The shortest refresh: an alert that is not sent again is over after 4 s.
      config: notificationConfig({ 'alertmanager.url': manager.url, 'alertmanager.refreshMs': 1_000 }),
      channels: CHANNELS,
      deps: channelDeps({ book: bookOf(alerts) }),
      outboxPath: join(dir, 'outbox.jsonl'),
      random: Math.random,
      onProblem: (what, error) => console.error(what, error),
    });
    notifier.start();
  });
  afterAll(async () => {
    await notifier?.close();
    await manager?.close();
    await receiver?.shut();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The engine's word: it holds so, and people are told. */
  function tell(name: string, over: Partial<Alert>, kind: 'firing' | 'escalated' | 'resolved' = 'firing'): void {
    const now = Date.now();
    const alert = alertOf({
      rule: name,
      fingerprint: name,
      groupKey: name,
      firedAtMs: now - 1_000,
      activeAtMs: now - 2_000,
      ...over,
    });
    alerts.set(name, alert);
    notifier.sink(notificationOf({ id: `msg_${(number += 1)}`, kind, alerts: [alert], groupKey: name, atMs: now }));
  }
  const shown = async (name: string) => (await manager.alerts()).filter(({ labels }) => labels['rampart_id'] === name);
  const told = (name: string): string[] =>
    receiver.received
      .map(({ body }) => JSON.parse(body) as Sent)
      .flatMap(({ alerts: sent }) =>
        sent.filter(({ labels }) => labels['rampart_id'] === name).map(({ status }) => status),
      );

  it('gets an alert with its labels, and keeps one of many copies', async () => {
    tell('leak', { level: 'critical', labels: { kind: 'v8-heap', server: 'a "b"\nc', empty: '', 'odd-name': '1' } });
    await until('the alert', async () => (await shown('leak')).length === 1);
    const [alert] = await shown('leak');
    expect(alert?.labels).toEqual({
      alertname: 'Rampart leak',
      severity: 'critical',
      instance: 'testhost',
      kind: 'v8-heap',
      server: 'a "b" c',
      odd_name: '1',
      rampart_id: 'leak',
    });
    expect(alert?.annotations['summary']).toContain('310 MiB an hour');
    for (let copy = 0; copy < 5; copy += 1)
      tell('leak', { level: 'critical', labels: alerts.get('leak')?.labels ?? {} });
    await until('what it sends on', () => told('leak').length > 0);
    await sleep(500);
    expect(await shown('leak')).toHaveLength(1);
    expect(told('leak')).toEqual(['firing']);
  });

  it('hears again and again while it fires, so that it does not forget', async () => {
    const before = Date.parse((await shown('leak'))[0]?.endsAt ?? '');
    // Longer than the 4 s after which it would be over.
    await sleep(4_500);
    const [alert] = await shown('leak');
    expect(Date.parse(alert?.endsAt ?? '')).toBeGreaterThan(before + 3_000);
    expect(told('leak')).toEqual(['firing']);
  });

  it('hears that it is over, at once', async () => {
    tell('leak', { ...alerts.get('leak'), state: 'resolved', resolvedAtMs: Date.now() }, 'resolved');
    await until('the end', () => told('leak').includes('resolved'), 3_000);
    expect(await shown('leak')).toEqual([]);
  });

  it('hears of a worse level as a worse alert, and that the milder one is over', async () => {
    tell('pressure', { level: 'warning' });
    await until('the warning', async () => (await shown('pressure')).length === 1);
    tell('pressure', { level: 'emergency' }, 'escalated');
    await until('the change', async () =>
      (await shown('pressure')).every(({ labels }) => labels['severity'] === 'emergency'),
    );
    expect(await shown('pressure')).toHaveLength(1);
  });

  it('hears of a silence of ours as of an end, without a notification', async () => {
    tell('quiet', { level: 'critical' });
    await until('the alert', async () => (await shown('quiet')).length === 1);
    alerts.set('quiet', { ...alertOf({ rule: 'quiet', fingerprint: 'quiet', level: 'critical' }), silencedBy: 's1' });
    await until('its end', async () => (await shown('quiet')).length === 0, 4_000);
    expect(notifier.report().channels[0]).toMatchObject({ name: 'alertmanager', state: 'ok', dropped: 0 });
  });

  it('is caught up with when it was away', async () => {
    tell('away', { level: 'warning' });
    await until('the alert', async () => (await shown('away')).length === 1);
    await manager.close();
    tell('meanwhile', { level: 'critical' });
    await until('the failure', () => notifier.report().channels[0]?.state === 'failing', 5_000);
    manager = await startAlertmanagerAt(manager.url);
    await until('both', async () => (await shown('away')).length + (await shown('meanwhile')).length === 2, 30_000);
    expect(notifier.report().channels[0]?.lastError).toBeNull();
  });

  async function startAlertmanagerAt(url: string): Promise<Alertmanager> {
    return startAlertmanager('program' in found ? found.program : '', dir, receiver.url, Number(new URL(url).port));
  }
});
