import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Alert } from '../../src/model/index.ts';
import { CHANNELS, type Notifier, openNotifier } from '../../src/notify/index.ts';
import { alertOf, notificationOf } from '../support/alerts.ts';
import { channelDeps, notificationConfig } from '../support/notify/channel.ts';
import { type MailServer, openMailServer } from '../support/notify/mail-server.ts';
import { until } from '../support/service/sandbox.ts';

let dir: string;
let server: MailServer;
let notifier: Notifier | null = null;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-mail-'));
  server = await openMailServer();
});
afterEach(async () => {
  await notifier?.close();
  notifier = null;
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(flags: Readonly<Record<string, unknown>> = {}): Promise<Notifier> {
  notifier = await openNotifier({
    config: notificationConfig({
      retryMs: 50,
      'email.host': '127.0.0.1',
      'email.port': server.port,
      'email.security': 'none',
      'email.from': 'Rampart <rampart@example.org>',
      'email.to': 'ops@example.org, dev@example.org',
      'email.digestMs': 400,
      ...flags,
    }),
    channels: CHANNELS,
    deps: channelDeps({ env: { MAIL_PASSWORD: 'right', BAD_PASSWORD: 'wrong' } }),
    outboxPath: join(dir, 'outbox.jsonl'),
    random: Math.random,
    onProblem: () => undefined,
  });
  notifier.start();
  return notifier;
}
const one = (id: string, over: Partial<Alert> = {}) =>
  notificationOf({ id, groupKey: id, alerts: [alertOf({ fingerprint: id, groupKey: id, ...over })] });
const health = () => notifier!.report().channels[0]!;

it('puts the warnings of a while into one mail, and sends what is critical at once', async () => {
  const { sink } = await open();
  for (const id of ['msg_1', 'msg_2', 'msg_3']) sink(one(id, { title: `Warning ${id}.` }));
  await until('the digest', () => server.mails.length === 1);
  const [digest] = server.mails;
  expect(digest?.to).toEqual(['ops@example.org', 'dev@example.org']);
  expect(digest?.headers.get('subject')).toBe('[rampart] WARNING: 3 notices, the worst: Warning msg_1. (testhost)');
  for (const id of ['msg_1', 'msg_2', 'msg_3']) expect(digest?.body).toContain(`Warning ${id}.`);
  expect(digest?.headers.get('auto-submitted')).toBe('auto-generated');
  const beganMs = performance.now();
  sink(one('msg_4', { level: 'emergency', title: 'The machine is nearly full.' }));
  await until('the emergency', () => server.mails.length === 2);
  expect(performance.now() - beganMs).toBeLessThan(350);
  expect(server.mails[1]?.headers.get('importance')).toBe('high');
  expect(server.mails[1]?.headers.get('message-id')).toBe('<msg_4@rampart.invalid>');
  expect(health()).toMatchObject({ sent: 4, failed: 0 });
});

it('has one subject line and the recipients of the configuration, whatever a process calls itself', async () => {
  const { sink } = await open();
  const evil = 'x\r\nBcc: spy@example.com\r\n\r\nHello\u202e\u0000\u001b[2J';
  sink(
    one('msg\r\nX-Evil: 1', {
      level: 'critical',
      title: evil,
      detail: evil,
      subject: { kind: 'process', id: evil, name: evil },
    }),
  );
  await until('the mail', () => server.mails.length === 1);
  const [mail] = server.mails;
  expect(mail?.to).toEqual(['ops@example.org', 'dev@example.org']);
  expect(mail?.headers.has('bcc')).toBe(false);
  expect(mail?.headers.has('x-evil')).toBe(false);
  // oxlint-disable-next-line no-control-regex
  expect(`${mail?.headers.get('subject')}${mail?.body}`).not.toMatch(/[\u0000\u001b\u202e]/);
});

it('comes after all when the server refused for a while', async () => {
  const { sink } = await open({ 'email.digestMs': 0 });
  server.refuseWith = 451;
  sink(one('msg_1', { level: 'critical' }));
  await until('a failure', () => health().failed >= 1);
  expect(health().lastError).toContain('451');
  server.refuseWith = null;
  await until('the mail', () => server.mails.length === 1);
  expect(server.mails[0]?.headers.get('message-id')).toBe('<msg_1@rampart.invalid>');
  expect(health()).toMatchObject({ state: 'ok', waiting: 0 });
});

it('lets a mail that is refused for good wait by itself', async () => {
  const { sink } = await open({ 'email.digestMs': 0, retryMs: 60_000 });
  server.refuseWith = 554;
  sink(one('msg_1', { level: 'critical' }));
  await until('a failure', () => health().failed >= 1);
  server.refuseWith = null;
  sink(one('msg_2', { level: 'critical' }));
  await until('the other', () => server.mails.length === 1);
  expect(server.mails[0]?.headers.get('message-id')).toBe('<msg_2@rampart.invalid>');
  expect(health()).toMatchObject({ sent: 1, waiting: 1 });
});

it('logs in with a password from a variable or a file, and never shows it', async () => {
  const path = join(dir, 'password');
  writeFileSync(path, 'right\n', { mode: 0o600 });
  for (const password of ['env:MAIL_PASSWORD', `file:${path}`]) {
    await open({ 'email.user': 'rampart', 'email.password': password });
    expect(await notifier?.test('email')).toMatchObject({ delivered: true });
    await notifier?.close();
  }
  expect(server.logins).toEqual(['rampart:right', 'rampart:right']);
  await open({ 'email.user': 'rampart', 'email.password': 'env:BAD_PASSWORD' });
  const { delivered, detail } = (await notifier?.test('email')) ?? { delivered: null, detail: '' };
  expect(delivered).toBe(false);
  expect(detail).toContain('535');
  expect(detail).not.toContain('wrong');
});

it('would not send a password in the clear to another machine', async () => {
  await open({ 'email.host': 'mail.example.org', 'email.user': 'rampart', 'email.password': 'env:MAIL_PASSWORD' });
  expect(health()).toMatchObject({
    name: 'email',
    state: 'unavailable',
    lastError: expect.stringContaining('in the clear'),
  });
});

it('wants TLS where it was told so', async () => {
  await open({ 'email.security': 'starttls' });
  expect(await notifier?.test('email')).toMatchObject({
    delivered: false,
    detail: expect.stringMatching(/STARTTLS|TLS/i),
  });
  expect(server.mails).toEqual([]);
});
