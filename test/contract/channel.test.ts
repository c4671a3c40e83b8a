import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChannelDeps } from '../../src/notify/index.ts';
import { CHANNELS } from '../../src/notify/index.ts';
import { alertOf, notificationOf } from '../support/alerts.ts';
import { channelDeps, notificationConfig } from '../support/notify/channel.ts';
import { openMailServer } from '../support/notify/mail-server.ts';
import { openReceiver, silence, status } from '../support/notify/receiver.ts';

/** What every channel keeps, shown against a real other side: a server, a file, a program. */

interface OtherSide {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly deps: Partial<ChannelDeps>;
  /** All that arrived, as text. */
  arrived(): string;
  /** From now on it fails. */
  fail(): void;
  /** From now on it takes things and says nothing. */
  hang(): void;
  close(): Promise<void>;
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-channel-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const LOCAL = '127.0.0.1/32';

async function httpSide(flags: (url: string) => Record<string, unknown>): Promise<OtherSide> {
  const receiver = await openReceiver();
  return {
    flags: flags(receiver.url),
    deps: {},
    arrived: () => receiver.received.map(({ body }) => body).join('\n'),
    fail: () => (receiver.answer = status(500)),
    hang: () => (receiver.answer = silence),
    close: () => receiver.shut(),
  };
}

/** Stands in for `notify-send`: a real program that writes down its arguments. */
function desktopSide(): OtherSide {
  const [program, log, mode] = [join(dir, 'notify-send'), join(dir, 'shown'), join(dir, 'mode')];
  const write = (how: string): void => writeFileSync(mode, how);
  writeFileSync(
    program,
    `#!/bin/sh\ncase "$(cat '${mode}')" in fail) exit 1;; hang) exec sleep 30;; esac\nprintf '%s\\n' "$@" >> '${log}'\n`,
  );
  chmodSync(program, 0o755);
  write('well');
  return {
    flags: { 'desktop.enabled': true },
    deps: { env: { PATH: `${dir}:${process.env['PATH'] ?? ''}` }, platform: 'linux' },
    arrived: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
    fail: () => write('fail'),
    hang: () => write('hang'),
    close: async () => undefined,
  };
}

function consoleSide(): OtherSide {
  let text = '';
  return {
    flags: {},
    deps: { terminal: { live: false, color: false, write: (more) => void (text += more) } },
    arrived: () => text,
    fail: () => undefined,
    hang: () => undefined,
    close: async () => undefined,
  };
}

function fileSide(): OtherSide {
  const directory = join(dir, 'logs');
  const path = join(directory, 'alerts.jsonl');
  return {
    flags: { 'file.directory': directory },
    deps: {},
    arrived: () => (existsSync(path) ? readFileSync(path, 'utf8') : ''),
    fail: () => writeFileSync(directory, 'a file where the directory should be'),
    hang: () => undefined,
    close: async () => undefined,
  };
}

async function mailSide(): Promise<OtherSide> {
  const server = await openMailServer();
  return {
    flags: {
      'email.host': '127.0.0.1',
      'email.port': server.port,
      'email.security': 'none',
      'email.from': 'rampart@example.org',
      'email.to': 'ops@example.org',
    },
    deps: {},
    arrived: () => server.mails.map(({ headers, body }) => `${[...headers.values()].join('\n')}\n${body}`).join('\n'),
    fail: () => (server.refuseWith = 451),
    hang: () => (server.hang = true),
    close: () => server.close(),
  };
}

const SIDES: Readonly<Record<string, () => OtherSide | Promise<OtherSide>>> = {
  console: consoleSide,
  file: fileSide,
  webhook: () => httpSide((url) => ({ 'webhook.url': url, 'webhook.allow': LOCAL })),
  email: mailSide,
  alertmanager: () => httpSide((url) => ({ 'alertmanager.url': url })),
  desktop: desktopSide,
};

/** A terminal of ours cannot fail, and only what answers can be late. */
const FALLIBLE = CHANNELS.filter(({ name }) => name !== 'console');
const LATE = CHANNELS.filter(({ name }) => name === 'webhook' || name === 'alertmanager' || name === 'desktop');

const quiet = new AbortController().signal;

async function opened(definition: (typeof CHANNELS)[number]) {
  const side = await SIDES[definition.name]?.();
  if (side === undefined) throw new Error('no other side');
  const config = notificationConfig(side.flags)[definition.name];
  const deps = channelDeps(side.deps);
  expect(definition.wants(config, deps)).toBe(true);
  return { side, channel: await definition.open(config, deps), traits: definition.traits(config) };
}

it('knows an other side for every channel', () => {
  expect(CHANNELS.map(({ name }) => name)).toEqual(Object.keys(SIDES));
});

describe.each(CHANNELS)('the channel $name', (definition) => {
  it('is not wanted before somebody asks for it', () => {
    expect(definition.wants(notificationConfig({})[definition.name], channelDeps())).toBe(false);
  });

  it('hands a notification over, and says what came of it', async () => {
    const { side, channel } = await opened(definition);
    const level = 'critical';
    const notification = notificationOf({ id: 'msg_42', level, alerts: [alertOf({ level })] });
    expect(await channel.send(notification, quiet)).not.toBe('');
    await vi.waitFor(() => expect(side.arrived()).toContain('A process leaks 310 MiB an hour (V8 heap).'));
    expect(side.arrived().toLowerCase()).toContain('critical');
    // With it the reader can acknowledge.
    expect(side.arrived()).toContain('f00dfeed');
    await channel.close();
    await side.close();
  });

  it('lets nothing through that a process wrote to deceive', async () => {
    const { side, channel } = await opened(definition);
    const evil = 'x\r\nBcc: all@example.org\u001b[31m\u202ePWNED\u0007 --token=abcdef0123456789';
    const alert = alertOf({
      subject: { kind: 'process', id: '1:2', name: evil },
      labels: { server: evil },
      title: evil,
      detail: evil,
    });
    await channel.send(notificationOf({ alerts: [alert], title: evil, text: evil }), quiet);
    await vi.waitFor(() => expect(side.arrived()).toContain('PWNED'));
    // oxlint-disable-next-line no-control-regex
    expect(side.arrived()).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e]|\\u001b|\\u202e|\\r/i);
    expect(side.arrived()).not.toContain('abcdef0123456789');
    expect(side.arrived()).not.toMatch(/^Bcc:/m);
    await channel.close();
    await side.close();
  });

  it('takes a notification of a hundred alerts', async () => {
    const { side, channel } = await opened(definition);
    const alerts = Array.from({ length: 100 }, (_, index) =>
      alertOf({
        fingerprint: `f${index}`,
        detail: 'd'.repeat(5_000),
        subject: { kind: 'process', id: `${index}:1`, name: 'n'.repeat(5_000) },
      }),
    );
    await channel.send(notificationOf({ alerts }), quiet);
    await vi.waitFor(() => expect(side.arrived()).toContain('310 MiB'));
    expect(side.arrived().length).toBeLessThan(400_000);
    await channel.close();
    await side.close();
  });

  it('has a deadline', () => {
    const { timeoutMs } = definition.traits(notificationConfig({})[definition.name]);
    expect(timeoutMs).toBeLessThanOrEqual(60_000);
  });

  it('sends nothing once it is closed', async () => {
    const { side, channel } = await opened(definition);
    await channel.close();
    const before = side.arrived();
    await expect(channel.send(notificationOf(), quiet)).rejects.toMatchObject({ name: 'SendFailure' });
    expect(side.arrived()).toBe(before);
    await side.close();
  });
});

describe.each(FALLIBLE)('the channel $name whose other side fails', (definition) => {
  it('says so, with the reason', async () => {
    const { side, channel } = await opened(definition);
    side.fail();
    const failure = { name: 'SendFailure', message: expect.stringMatching(/\S/) };
    await expect(channel.send(notificationOf(), quiet)).rejects.toMatchObject(failure);
    await channel.close();
    await side.close();
  });
});

describe.each(LATE)('the channel $name whose other side hangs', (definition) => {
  it('lets go when it is told to', async () => {
    const { side, channel } = await opened(definition);
    side.hang();
    const beganMs = performance.now();
    await expect(channel.send(notificationOf(), AbortSignal.timeout(100))).rejects.toThrow(/abort|time/i);
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    await channel.close();
    await side.close();
  });
});
