import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { refuse, refuseForeign } from '../../../src/faces/http/guard.ts';
import { isAuthorized } from '../../../src/faces/http/token.ts';

const TOKEN = 'a'.repeat(43);
const request = (headers: Record<string, string | string[]>, method = 'POST'): IncomingMessage => {
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
  const first = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat()[0]]),
  );
  return { method, headers: first, rawHeaders } as unknown as IncomingMessage;
};

describe('whose name a request came under', () => {
  it.each([
    [{ Host: '127.0.0.1:7000' }],
    [{ Host: 'localhost:7000' }],
    [{ Host: 'LOCALHOST:7000', Origin: 'http://localhost:7000' }],
    [{ Host: '127.0.0.1:7000', Origin: 'http://127.0.0.1:7000' }],
  ])('takes its own: %j', (headers) => {
    expect(refuseForeign(request(headers), 7000)).toBeNull();
  });

  it.each([
    [{}],
    [{ Host: '' }],
    [{ Host: 'evil.example' }],
    [{ Host: 'evil.example:7000' }],
    [{ Host: '127.0.0.1' }],
    [{ Host: '127.0.0.1:7001' }],
    [{ Host: '127.0.0.1:7000.evil.example' }],
    [{ Host: 'localhost:7000@evil.example' }],
    [{ Host: '0.0.0.0:7000' }],
    [{ Host: ['127.0.0.1:7000', 'evil.example'] }],
    [{ Host: '127.0.0.1:7000', Origin: 'http://evil.example' }],
    [{ Host: '127.0.0.1:7000', Origin: 'null' }],
    [{ Host: '127.0.0.1:7000', Origin: '' }],
    [{ Host: '127.0.0.1:7000', Origin: 'https://localhost:7000' }],
    [{ Host: '127.0.0.1:7000', Origin: 'http://localhost:7001' }],
    [{ Host: '127.0.0.1:7000', Origin: 'http://localhost:7000.evil.example' }],
  ])('refuses a foreign one on every method: %j', (headers) => {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      expect(refuseForeign(request(headers, method), 7000)).toMatchObject({ status: 403 });
    }
  });
});

describe('what a request may do', () => {
  const route = { methods: ['GET', 'POST'], access: 'token' } as const;
  const good = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json; charset=utf-8' };

  it('lets the owner of the token in', () => {
    expect(refuse(request(good), route, TOKEN)).toBeNull();
    expect(refuse(request({ Authorization: `bearer ${TOKEN}` }, 'GET'), route, TOKEN)).toBeNull();
  });

  it.each([
    [405, good, 'PUT'],
    [405, good, 'OPTIONS'],
    [401, { 'Content-Type': 'application/json' }, 'POST'],
    [401, { Authorization: `Bearer ${'b'.repeat(43)}` }, 'GET'],
    [415, { ...good, 'Content-Type': 'text/plain' }, 'POST'],
    [415, { ...good, 'Content-Type': 'application/x-www-form-urlencoded' }, 'POST'],
    [413, { ...good, 'Content-Length': String(2 ** 21) }, 'POST'],
  ])('answers %i to %j %s', (status, headers, method) => {
    expect(refuse(request(headers, method), route, TOKEN)).toMatchObject({ status });
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', `Basic ${TOKEN}`, `Bearer ${TOKEN} x`, `Bearer ${TOKEN}a`, TOKEN])(
    'does not take %j for the token',
    (header) => {
      expect(isAuthorized(header, TOKEN)).toBe(false);
    },
  );
});
