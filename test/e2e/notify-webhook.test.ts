import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import type { ChannelReport } from '../../src/model/index.ts';
import { CHANNELS, type Notifier, openNotifier } from '../../src/notify/index.ts';
import { alertOf, notificationOf } from '../support/alerts.ts';
import { CLI } from '../support/cli/program.ts';
import { channelDeps, notificationConfig } from '../support/notify/channel.ts';
import { openReceiver, type Receiver, silence, status } from '../support/notify/receiver.ts';
import { openSandbox, type Sandbox, until } from '../support/service/sandbox.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`;
/** Steps of milliseconds instead of seconds; everything else is as users have it. */
const QUICK = { retryMs: 20, 'webhook.timeoutMs': 200 };

let receiver: Receiver;
let sandbox: Sandbox;
const children: ChildProcess[] = [];
beforeEach(async () => {
  receiver = await openReceiver();
  sandbox = openSandbox({
    RAMPART_NOTIFICATIONS__WEBHOOK__URL: receiver.url,
    RAMPART_NOTIFICATIONS__WEBHOOK__ALLOW: '127.0.0.1',
    RAMPART_NOTIFICATIONS__WEBHOOK__SECRET: 'env:RAMPART_SECRET_HOOK',
    RAMPART_NOTIFICATIONS__WEBHOOK__TIMEOUT_MS: '200',
    RAMPART_NOTIFICATIONS__RETRY_MS: '20',
    RAMPART_SECRET_HOOK: SECRET,
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await sandbox.dispose();
  await receiver.shut();
});

const one = (id: string) => notificationOf({ id, groupKey: id, alerts: [alertOf({ fingerprint: id, groupKey: id })] });

describe('a webhook whose receiver is troubled', () => {
  let notifier: Notifier;
  const open = async (): Promise<Notifier> => {
    notifier = await openNotifier({
      config: notificationConfig({
        ...QUICK,
        'webhook.url': receiver.url,
        'webhook.allow': '127.0.0.1',
        'webhook.secret': 'env:HOOK',
      }),
      channels: CHANNELS,
      deps: channelDeps({ env: { HOOK: SECRET } }),
      outboxPath: join(sandbox.env['HOME'] ?? '', 'outbox.jsonl'),
      random: Math.random,
      onProblem: () => undefined,
    });
    notifier.start();
    return notifier;
  };
  afterEach(() => notifier.close());
  const health = () => notifier.report().channels[0]!;

  it.each([
    ['fails', () => (receiver.answer = status(500)), 'HTTP 500'],
    ['hangs', () => (receiver.answer = silence), 'no answer within 200 ms'],
    ['redirects', () => (receiver.answer = status(307, { location: receiver.url })), 'redirect'],
    ['has too much to do', () => (receiver.answer = status(429, { 'retry-after': '0' })), 'HTTP 429'],
    ['is not there', () => receiver.shut(), 'ECONNREFUSED'],
    ['hangs up', () => (receiver.answer = (response) => (response.destroy(), null)), 'ECONNRESET'],
  ] as const)('%s, and recovers: all arrive, signed, once, under the ids they had', async (_what, trouble, error) => {
    await open();
    await trouble();
    const ids = Array.from({ length: 5 }, (_, index) => `msg_${index}`);
    for (const id of ids) notifier.sink(one(id));
    await until('two attempts', () => health().failed >= 2, 5_000);
    expect(health()).toMatchObject({
      state: 'failing',
      sent: 0,
      waiting: 5,
      lastError: expect.stringContaining(error),
    });
    receiver.answer = status(204);
    if (error === 'ECONNREFUSED') await receiver.reopen();
    await until('all sent', () => health().sent === 5, 10_000);
    expect(receiver.accepted()).toEqual(ids);
    for (const { body, headers, status: code } of receiver.received) {
      if (code !== 204) continue;
      const signed = new Webhook(SECRET).verify(body, headers as Record<string, string>) as { data: { id: string } };
      expect(signed).toMatchObject({
        type: 'rampart.alert.firing',
        text: expect.stringContaining('WARNING'),
        data: { host: 'testhost' },
      });
      expect(signed.data.id).toBe(headers['webhook-id']);
    }
  });

  it('waits as long as it is asked to', async () => {
    await open();
    receiver.answer = status(503, { 'retry-after': '1' });
    notifier.sink(one('msg_1'));
    await until('an attempt', () => receiver.received.length === 1);
    receiver.answer = status(200);
    await until('the second', () => receiver.accepted().length === 1);
    expect(receiver.received[1]!.atMs - receiver.received[0]!.atMs).toBeGreaterThanOrEqual(990);
  });

  it('gets no more after 410, until a test arrives; then a replay brings what was given up', async () => {
    await open();
    receiver.answer = status(410);
    for (const id of ['msg_1', 'msg_2']) notifier.sink(one(id));
    await until('the end', () => health().state === 'disabled');
    await notifier.close();
    await open();
    receiver.answer = status(204);
    notifier.sink(one('msg_3'));
    await sleep(100);
    expect(receiver.received).toHaveLength(1);
    expect(await notifier.test('webhook')).toMatchObject({ delivered: true, detail: 'HTTP 204' });
    expect(notifier.replay()).toEqual({ replayed: 3 });
    await until('all', () => health().sent === 3);
    expect(receiver.accepted().slice(1).toSorted()).toEqual(['msg_1', 'msg_2', 'msg_3']);
  });

  it('delays no other channel, and nobody who hands over', async () => {
    receiver.answer = silence;
    const shown: string[] = [];
    notifier = await openNotifier({
      config: notificationConfig({ ...QUICK, 'webhook.url': receiver.url, 'webhook.allow': '127.0.0.1' }),
      channels: CHANNELS,
      deps: channelDeps({ terminal: { live: false, color: false, write: (text) => void shown.push(text) } }),
      outboxPath: join(sandbox.env['HOME'] ?? '', 'outbox.jsonl'),
      random: Math.random,
      onProblem: () => undefined,
    });
    notifier.start();
    const beganMs = performance.now();
    for (let index = 0; index < 20; index += 1) notifier.sink(one(`msg_${index}`));
    // 20 rows on disk and 20 lines on a screen: milliseconds, whatever the receiver does.
    expect(performance.now() - beganMs).toBeLessThan(200);
    await until('the terminal', () => shown.length === 20, 1_000);
    expect(receiver.accepted()).toEqual([]);
  });
});

describe('kill -9', () => {
  const PART = fileURLToPath(new URL('../support/notify/part.ts', import.meta.url));
  const outbox = (): string => join(sandbox.places.stateDir, 'notify', 'outbox.jsonl');
  const confirmed = (): Set<string> => {
    const lines = existsSync(outbox()) ? readFileSync(outbox(), 'utf8').split('\n') : [];
    return new Set(
      lines.flatMap((line) => (line.includes('"how":"sent"') ? [(JSON.parse(line) as { id: string }).id] : [])),
    );
  };

  async function part(): Promise<{ child: ChildProcess; said: string[] }> {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), PART], {
      env: sandbox.env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const said: string[] = [];
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      said.push(...lines);
    });
    await until('the part', () => said.includes('ready'));
    return { child, said };
  }

  it('at any moment loses none, and repeats none whose confirmation was written down', async () => {
    let turn = 0;
    const troubles = [status(500), silence, status(503, { 'retry-after': '0' }), status(204), status(307), status(204)];
    const troubled: Receiver['answer'] = (response, message) =>
      (troubles[(turn += 1) % troubles.length] ?? silence)(response, message);
    const brisk: Receiver['answer'] = (response) => {
      setTimeout(() => response.writeHead(204).end(), 2);
      return 204;
    };
    const accepted: string[] = [];
    const settled: { readonly ids: ReadonlySet<string>; readonly atMs: number }[] = [];
    for (let life = 0; life < 6; life += 1) {
      const isBrisk = life % 2 === 1;
      receiver.answer = isBrisk ? brisk : troubled;
      const { child, said } = await part();
      const before = receiver.received.length;
      for (let index = 0; index < (isBrisk ? 20 : 5); index += 1) {
        child.stdin?.write(`${JSON.stringify(one(`msg_${life}_${index}`))}\n`);
      }
      await until('some rows', () => said.length > 3);
      // In the midst of a run of answers, or in some wait.
      if (isBrisk) await until('some answers', () => receiver.received.length >= before + 8);
      else await sleep(60 * life);
      child.kill('SIGKILL');
      await once(child, 'exit');
      accepted.push(...said.filter((line) => line.startsWith('msg_')));
      settled.push({ ids: confirmed(), atMs: performance.now() });
    }
    receiver.answer = status(204);
    const last = await part();
    await until('all', () => accepted.every((id) => receiver.accepted().includes(id)), 20_000);
    last.child.stdin?.end();
    await once(last.child, 'exit');
    expect(settled.at(-1)?.ids.size).toBeGreaterThan(15);
    for (const { ids, atMs } of settled) {
      const again = receiver.received.filter((request) => request.atMs > atMs && ids.has(request.id));
      expect(again.map(({ id }) => id)).toEqual([]);
    }
    // One answer can be on its way at each kill.
    const twice = receiver.accepted().length - new Set(receiver.accepted()).size;
    expect(twice).toBeLessThanOrEqual(6);
  });

  it('or a good end with a receiver that hangs is over within the time the service has', async () => {
    receiver.answer = silence;
    const { child, said } = await part();
    child.stdin?.write(`${JSON.stringify(one('msg_1'))}\n`);
    await until('an attempt', () => receiver.received.length > 0);
    child.stdin?.end();
    await once(child, 'exit');
    expect(Number(/closed in (\d+)/.exec(said.join('\n'))?.[1])).toBeLessThan(700);
  });

  it('of the whole service: what could not be told is told by the next one, once and as it was', async () => {
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [...CLI, 'start', '--no-http', '--json'], {
        env: {
          ...sandbox.env,
          RAMPART_ALERT_THRESHOLDS__MEMORY__WARNING: '0.0001',
          RAMPART_ALERT_THRESHOLDS__MEMORY__CRITICAL: '0.0001',
          RAMPART_ALERT_THRESHOLDS__MEMORY__EMERGENCY: '0.0001',
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      children.push(child);
      child.stderr?.resume();
      return child;
    };
    receiver.answer = status(503);
    const first = await start();
    await until('an attempt', () => receiver.received.length > 0);
    const [{ id } = { id: '' }] = receiver.received;
    first.kill('SIGKILL');
    await once(first, 'exit');
    receiver.answer = status(204);
    const second = await start();
    await until('its delivery', () => receiver.accepted().includes(id));
    // Two looks of the second service: it does not find the alert anew, under an id of its own.
    await sleep(25_000);
    expect(receiver.accepted().filter((one_) => one_ === id)).toHaveLength(1);
    const firing = receiver.received.filter(({ body }) => {
      const { type, data } = JSON.parse(body) as { type: string; data: { alerts: { rule: string }[] } };
      return type === 'rampart.alert.firing' && data.alerts.some(({ rule }) => rule === 'host-memory');
    });
    expect(new Set(firing.map((request) => request.id))).toEqual(new Set([id]));
    const body = JSON.parse(receiver.received.at(-1)?.body ?? '{}') as { data: { alerts: { rule: string }[] } };
    expect(body.data.alerts[0]).toMatchObject({ rule: 'host-memory', level: 'emergency' });
    const shown = spawn(process.execPath, [...CLI, 'notify', '--json'], {
      env: sandbox.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    shown.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await once(shown, 'close');
    const { channels } = JSON.parse(out) as ChannelReport;
    expect(channels.find(({ name }) => name === 'webhook')).toMatchObject({ state: 'ok', waiting: 0 });
    second.kill('SIGTERM');
    const beganMs = performance.now();
    await once(second, 'exit');
    expect(performance.now() - beganMs).toBeLessThan(2_000);
  });
});
