import { existsSync, lstatSync, statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect } from '../../src/service/socket/client.ts';
import { MAX_REQUEST_BYTES } from '../../src/service/socket/frames.ts';
import { serve, type RunningService } from '../../src/service/socket/serve.ts';
import { RampartError, type RampartEvent } from '../../src/model/index.ts';
import { createFakeRampart, type FakeRampart } from '../support/service/fake-rampart.ts';
import { openSandbox, type Sandbox, until } from '../support/service/sandbox.ts';

let sandbox: Sandbox;
let fake: FakeRampart;
let service: RunningService;
/** What the service says of its actions. */
let isActing = false;

const HELLO = { jsonrpc: '2.0', id: 1, method: 'hello', params: { protocol: 1, oldestProtocol: 1, version: '0.1.0' } };

beforeEach(async () => {
  sandbox = openSandbox();
  fake = createFakeRampart({
    listProcesses: async (query) => ({ atMs: 1, total: 0, processes: [], nextCursor: JSON.stringify(query) }),
    health: async () => ({ schemaVersion: 1, atMs: 1, severity: 'ok', checks: [] }),
    queryMetrics: () => Promise.reject(new RampartError('not-found', 'no such subject', "Ask for 'host'.")),
  });
  service = await start('background');
});

afterEach(async () => {
  await service.close();
  await sandbox.dispose();
});

async function start(mode: 'foreground' | 'background', version = '0.1.0'): Promise<RunningService> {
  const started = await serve({
    mode,
    socketPath: sandbox.places.socketPath,
    version,
    startedAtMs: 1,
    open: async () => ({
      rampart: fake,
      lingerMs: 60_000,
      url: null,
      notes: [],
      isActing: () => isActing,
      close: async () => undefined,
    }),
    onOverdue: () => undefined,
  });
  if (started === null) throw new Error('the lock is taken');
  return started;
}

const client = () => connect({ socketPath: sandbox.places.socketPath, face: 'cli' });

test('socket and directory are closed to others; everything is gone after the end', async () => {
  expect(statSync(sandbox.places.runtimeDir).mode & 0o777).toBe(0o700);
  expect(lstatSync(sandbox.places.socketPath).isSocket()).toBe(true);
  expect(lstatSync(sandbox.places.socketPath).mode & 0o777).toBe(0o600);
  expect(sandbox.lockFiles()).toHaveLength(1);
  await service.close();
  expect(existsSync(sandbox.places.socketPath)).toBe(false);
  expect(sandbox.lockFiles()).toEqual([]);
});

test('queries and their errors come through as they are', async () => {
  const rampart = await client();
  const { nextCursor } = await rampart.listProcesses({ match: 'näme', role: 'server', limit: 3 });
  expect(JSON.parse(nextCursor ?? '')).toEqual({ match: 'näme', role: 'server', limit: 3 });
  const query = { subject: 'x', metric: 'rssBytes', fromMs: 0, toMs: 1, maxPoints: 1 } as const;
  await expect(rampart.queryMetrics(query)).rejects.toMatchObject({ code: 'not-found', hint: "Ask for 'host'." });
  await rampart.close();
});

test.each([
  ['no JSON', 'GET / HTTP/1.1\r\n\r\n'],
  ['another JSON', '[1,2,3]\n'],
  ['null', 'null\n'],
  ['no method', '{"id":1}\n'],
  ['NUL bytes', '\u0000\u0001\u0002\n'],
  ['a request without hello', '{"jsonrpc":"2.0","id":1,"method":"status"}\n'],
  ['a hello of another kind', '{"jsonrpc":"2.0","id":1,"method":"hello","params":[]}\n'],
  ['a line without end', 'x'.repeat(MAX_REQUEST_BYTES + 1)],
  ['a prototype', '{"jsonrpc":"2.0","id":1,"method":"__proto__","params":{"__proto__":{"a":1}}}\n'],
])('hostile bytes (%s) end that connection and no other', async (_name, bytes) => {
  const bystander = await client();
  const hostile = raw();
  hostile.socket.write(bytes);
  await until('it is closed', () => hostile.socket.closed);
  expect(hostile.text()).toMatch(/error/);
  expect((await bystander.health()).severity).toBe('ok');
  await bystander.close();
});

test('a client of another protocol is told who is older and what to do', async () => {
  const foreign = raw();
  foreign.socket.write(
    `${JSON.stringify({ ...HELLO, params: { protocol: 9, oldestProtocol: 9, version: '9.0.0' } })}\n`,
  );
  await until('it is closed', () => foreign.socket.closed);
  expect(JSON.parse(foreign.text())).toMatchObject({ error: { data: { code: 'version-mismatch' } } });
});

test('a request in single bytes, and many in one chunk, are answered in order', async () => {
  const slow = raw();
  const line = `${JSON.stringify(HELLO)}\n`;
  for (const byte of Buffer.from(line)) slow.socket.write(Buffer.of(byte));
  await until('hello is answered', () => slow.text().includes('\n'));
  const many = Array.from(
    { length: 100 },
    (_, id) => `${JSON.stringify({ jsonrpc: '2.0', id: id + 2, method: 'health' })}\n`,
  );
  slow.socket.write(many.join(''));
  await until('all are answered', () => slow.text().trimEnd().split('\n').length === 101);
  const ids = slow
    .text()
    .trimEnd()
    .split('\n')
    .map((each) => (JSON.parse(each) as { id: number }).id);
  expect(ids).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
  slow.socket.destroy();
});

test('an unknown method is an error that names the valid ones, and the connection goes on', async () => {
  const peer = raw();
  peer.socket.write(
    `${JSON.stringify(HELLO)}\n{"jsonrpc":"2.0","id":2,"method":"shutdown"}\n{"jsonrpc":"2.0","id":3,"method":"health"}\n`,
  );
  await until('three answers', () => peer.text().trimEnd().split('\n').length === 3);
  const [, second, third] = peer
    .text()
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each) as Record<string, unknown>);
  expect(second).toMatchObject({
    error: { message: "there is no method 'shutdown'", data: { hint: expect.stringContaining('status') } },
  });
  expect(third).toMatchObject({ id: 3, result: { severity: 'ok' } });
  peer.socket.destroy();
});

test('a subscriber that does not read loses events, is told how many, and holds nobody up', async () => {
  const slow = raw();
  slow.socket.write(`${JSON.stringify(HELLO)}\n${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'subscribe' })}\n`);
  await until('it listens', () => fake.listeners() === 1);
  await until('both are answered', () => slow.text().trimEnd().split('\n').length === 2);
  slow.socket.pause();
  const quick = await client();
  const heard: RampartEvent[] = [];
  await quick.subscribe((event) => heard.push(event));

  const event: RampartEvent = { type: 'tick', atMs: 1, processes: 1, memoryAvailableBytes: 1 };
  const count = 20_000;
  for (let sent = 0; sent < count; sent += 1) {
    fake.publish(event);
    // A machine does not publish thousands in one turn.
    if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await until('the quick one has heard all', () => heard.length === count);
  slow.socket.resume();
  await until('the rest was read', async () => {
    const before = slow.text().length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return slow.text().length === before;
  });
  fake.publish(event);
  await until('it is told', () => slow.text().includes('"dropped"'));
  const events = slow
    .text()
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((each) => (JSON.parse(each) as { params: RampartEvent }).params);
  const dropped = events.reduce((sum, each) => sum + (each.type === 'dropped' ? each.count : 0), 0);
  expect(dropped).toBeGreaterThan(0);
  expect(events.filter(({ type }) => type === 'tick')).toHaveLength(count + 1 - dropped);
  slow.socket.destroy();
  await until('its subscription ends', () => fake.listeners() === 1);
  await quick.close();
});

test('a background service hands over, one in the foreground says who may end it', async () => {
  const newer = await client();
  expect(await newer.handover()).toEqual({ accepted: true, reason: 'leaving' });
  expect(await service.ended).toBe('handed over');
  expect(existsSync(sandbox.places.socketPath)).toBe(false);

  service = await start('foreground');
  const other = await client();
  expect(other.service.mode).toBe('foreground');
  expect(await other.handover()).toMatchObject({ accepted: false, reason: expect.stringContaining(`${process.pid}`) });
  await expect(start('foreground')).rejects.toMatchObject({
    code: 'service-busy',
    hint: expect.stringContaining('kill'),
  });
  await other.close();
});

test('a service that acts does not leave before the action has ended; `rampart start` waits for that', async () => {
  isActing = true;
  const newer = await client();
  expect(await newer.handover()).toMatchObject({ accepted: false, reason: expect.stringContaining('under way') });
  await newer.close();
  const successor = start('foreground');
  setTimeout(() => (isActing = false), 300);
  expect(await service.ended).toBe('handed over');
  expect(isActing).toBe(false);
  service = await successor;
});

test('`rampart start` takes over from a background service', async () => {
  const before = service;
  service = await start('foreground');
  expect(await before.ended).toBe('handed over');
  const rampart = await client();
  expect(rampart.service.mode).toBe('foreground');
  await rampart.close();
});

test('without a service a client is told so, and a dead socket is no service', async () => {
  await service.close();
  await expect(client()).rejects.toMatchObject({ code: 'service-unavailable' });
});

test('a call of a service that goes away fails as such; silence is a timeout', async () => {
  (fake as { status: FakeRampart['status'] }).status = () => new Promise(() => undefined);
  const waiting = await client();
  const asked = waiting.status().catch((error: unknown) => error);
  await service.close();
  expect(await asked).toMatchObject({ code: 'service-unavailable' });

  service = await start('background');
  const impatient = await connect({ socketPath: sandbox.places.socketPath, face: 'cli', callTimeoutMs: 50 });
  await expect(impatient.status()).rejects.toMatchObject({ code: 'timeout' });
  await impatient.close();
});

function raw(): { socket: Socket; text: () => string } {
  let text = '';
  const socket = createConnection({ path: sandbox.places.socketPath });
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  return { socket, text: () => text };
}
