import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import type { SendFailure } from '../../../src/notify/failure.ts';
import { addressRules } from '../../../src/notify/http/address-rules.ts';
import { post } from '../../../src/notify/http/post.ts';
import { readSigningKey, signature } from '../../../src/notify/http/signature.ts';
import { accepted } from '../../../src/notify/http/verdict.ts';
import { openReceiver, type Receiver, silence, status } from '../../support/notify/receiver.ts';

describe('which addresses may be reached', () => {
  it.each([
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.0.8',
    '198.18.0.1',
    '224.0.0.1',
    '239.1.1.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '[::1]',
    '::127.0.0.1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:7f00:0001',
    '::ffff:169.254.169.254',
    '::ffff:0a00:0001',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    '2001:db8::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'nonsense',
    '',
  ])('not %s', (address) => {
    expect(addressRules([]).refusal(address)).not.toBeNull();
  });

  it.each(['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])(
    '%s',
    (address) => {
      expect(addressRules([]).refusal(address)).toBeNull();
    },
  );

  it('and what is listed, in every way to write it', () => {
    const rules = addressRules(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.9.9.9', 'fd00::9'])
      expect(rules.refusal(address)).toBeNull();
    for (const address of ['127.0.0.2', '192.168.0.1', 'fc00::1', '169.254.169.254'])
      expect(rules.refusal(address)).not.toBeNull();
  });

  it.each(['10.0.0.0/33', 'x', '10.0.0.0/', '10.0.0.0/8/8', 'localhost', '::/129'])(
    'refuses the list entry %j',
    (entry) => {
      expect(() => addressRules([entry])).toThrow(/address|CIDR/);
    },
  );
});

describe('POST', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await openReceiver();
  });
  afterEach(() => receiver.shut());

  const send = (url: string, allow: readonly string[] = ['127.0.0.1', '::1'], signal = AbortSignal.timeout(3_000)) =>
    post({
      url: new URL(url),
      headers: { 'x-a': 'b' },
      body: '{"ä":1}',
      rules: addressRules(allow),
      signal,
      nowMs: () => 1_000,
    });
  const port = (): string => new URL(receiver.url).port;

  it.each(['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'reaches no %s that is not allowed',
    async (host) => {
      await expect(send(`http://${host}:${port()}/`, [])).rejects.toMatchObject({
        kind: 'unreachable',
        message: expect.stringContaining('not a public address'),
      });
      expect(receiver.received).toEqual([]);
    },
  );

  it('sends what it is given, where it may', async () => {
    expect(await send(`http://localhost:${port()}/hook?x=1`)).toEqual({ status: 204, retryAfterMs: null, text: '' });
    expect(receiver.received).toMatchObject([{ path: '/hook?x=1', body: '{"ä":1}', headers: { 'x-a': 'b' } }]);
  });

  it('follows no redirect', async () => {
    receiver.answer = status(302, { location: `http://127.0.0.1:${port()}/elsewhere` });
    const answer = await send(receiver.url);
    expect(receiver.received).toHaveLength(1);
    expect(() => accepted(answer)).toThrow(/redirect/);
  });

  it.each([
    ['120', 120_000],
    ['Thu, 01 Jan 1970 00:01:01 GMT', 60_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', null],
  ])('reads Retry-After: %s', async (value, expected) => {
    receiver.answer = status(503, { 'retry-after': value });
    expect(await send(receiver.url)).toMatchObject({ status: 503, retryAfterMs: expected });
  });

  it('does not wait for one that hangs, nor read what never ends', async () => {
    receiver.answer = silence;
    await expect(send(receiver.url, undefined, AbortSignal.timeout(80))).rejects.toThrow(/abort|time/i);
    receiver.answer = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(1024)), 1);
      response.on('close', () => clearInterval(timer));
      return 200;
    };
    expect((await send(receiver.url)).text.length).toBeLessThanOrEqual(4096);
  });

  it('says that nobody is there', async () => {
    await receiver.shut();
    await expect(send(receiver.url)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('what an answer means', () => {
  const verdict = (code: number): string => {
    try {
      return accepted({ status: code, retryAfterMs: null, text: 'why\u001b[31m\nnot' });
    } catch (cause) {
      expect((cause as Error).message).not.toContain('\u001b');
      return (cause as SendFailure).kind;
    }
  };
  it.each([
    [200, 'HTTP 200'],
    [204, 'HTTP 204'],
    [301, 'unreachable'],
    [400, 'refused'],
    [401, 'unreachable'],
    [404, 'unreachable'],
    [408, 'unreachable'],
    [410, 'gone'],
    [413, 'refused'],
    [422, 'refused'],
    [429, 'unreachable'],
    [500, 'unreachable'],
    [503, 'unreachable'],
  ])('HTTP %i: %s', (code, expected) => {
    expect(verdict(code)).toBe(expected);
  });
});

describe('the signature', () => {
  const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

  it('is the one that the reference library makes and accepts', () => {
    const body = '{"type":"rampart.alert.firing","text":"ä"}';
    const now = new Date();
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const own = signature(readSigningKey(secret), 'msg_1', timestamp, body);
    expect(own).toBe(new Webhook(secret).sign('msg_1', now, body));
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': own };
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow(/signature/);
  });

  it.each(['', 'short', 'whsec_', 'whsec_c2hvcnQ=', 'not base64 at all, but long enough to be one!'])(
    'wants a sound secret, not %j',
    (text) => {
      expect(() => readSigningKey(text)).toThrow(/24 to 64 bytes/);
    },
  );
});
