import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createHttpFace } from '../../../src/faces/http/index.ts';
import type { HttpFace, Peer, Route } from '../../../src/faces/http/index.ts';
import { inodeOf } from '../../../src/faces/http/peer.ts';

const TOKEN = 't'.repeat(43);
const faces: HttpFace[] = [];
afterEach(() => Promise.all(faces.splice(0).map((face) => face.stop())));

async function started(routes: Route[] = [], onerror?: (error: unknown) => void) {
  const face = createHttpFace({ port: 0, token: TOKEN, routes, ...(onerror === undefined ? {} : { onerror }) });
  faces.push(face);
  return face.start();
}

const route = (handle: Route['handle']): Route => ({ path: '/x', methods: ['GET', 'POST'], access: 'token', handle });
const authorization = { Authorization: `Bearer ${TOKEN}` };

it('listens on loopback only', async () => {
  const { url } = await started();
  expect(new URL(url).hostname).toBe('127.0.0.1');
});

it('says on /health, without a token, that it lives and nothing else', async () => {
  const { url } = await started();
  const answer = await fetch(`${url}/health`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: 'ok' });
});

it('sends its guards with every answer, and never CORS', async () => {
  const { url } = await started();
  for (const path of ['/health', '/nowhere']) {
    const { headers } = await fetch(url + path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

it('refuses by name, path, method and token, in this order', async () => {
  const { url, port } = await started([route(async (_request, response) => void response.end('in'))]);
  const status = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).status;
  expect(await status('/nowhere')).toBe(404);
  expect(await status('/x', { method: 'PUT' })).toBe(405);
  expect(await status('/x')).toBe(401);
  expect(await status('/x', { headers: { ...authorization, Origin: 'http://evil.example' } })).toBe(403);
  expect(await status('/x?a=1', { headers: authorization })).toBe(200);
  const rebound = request({ port, host: '127.0.0.1', path: '/health', headers: { Host: 'evil.example' } });
  rebound.end();
  const [answer] = (await once(rebound, 'response')) as [{ statusCode: number; resume(): void }];
  answer.resume();
  expect(answer.statusCode).toBe(403);
});

it('answers 500 without details when a route fails, and reports it', async () => {
  const errors: unknown[] = [];
  const { url } = await started([route(() => Promise.reject(new Error('/home/secret')))], (error) =>
    errors.push(error),
  );
  const answer = await fetch(`${url}/x`, { headers: authorization });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret');
  expect(errors).toHaveLength(1);
});

it('survives what is no HTTP', async () => {
  const { url, port } = await started();
  for (const garbage of [
    '\u0000\u0001\u0002\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: ${'a'.repeat(70_000)}\r\n\r\n`,
  ]) {
    const socket = connect(port, '127.0.0.1');
    // A reset is an answer, too; `once` would fail on it.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write(garbage);
    socket.resume();
    await closed;
  }
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

it('says which port is taken', async () => {
  const { port } = await started();
  const second = createHttpFace({ port, token: TOKEN, routes: [] });
  await expect(second.start()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining(String(port)) });
});

it('ends open streams when it stops', async () => {
  const face = createHttpFace({
    port: 0,
    token: TOKEN,
    routes: [route(async (_request, response) => void response.write('event'))],
  });
  const { url } = await face.start();
  const answer = await fetch(`${url}/x`, { headers: authorization });
  await face.stop();
  await expect(answer.text()).rejects.toThrow(/terminated|aborted/);
});

it.skipIf(process.platform !== 'linux')('finds the process at the other end', async () => {
  const peers: Peer[] = [];
  const found = new Promise<number | null>((resolve) => {
    void started([
      route(async (_request, response, peer) => {
        peers.push(peer);
        resolve(await peer.pid());
        response.end();
      }),
    ]).then(({ url }) => {
      const code = `fetch(${JSON.stringify(`${url}/x`)}, { headers: ${JSON.stringify(authorization)} })`;
      child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
    });
  });
  let child: ReturnType<typeof spawn> | undefined;
  expect(await found).toBe(child?.pid);
});

it('reads the table of connections by both ends and by owner', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1B58 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11',
    '   1: 0100007F:1B58 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12',
    '   2: 0100007F:C350 0100007F:1B58 01 00000000:00000000 00:00000000 00000000  1000        0 13',
  ].join('\n');
  expect(inodeOf(table, 50_000, 7000, 1000)).toBe(13);
  expect(inodeOf(table, 50_000, 7000, 1001)).toBeNull();
  expect(inodeOf(table, 50_001, 7000, 1000)).toBeNull();
  expect(inodeOf('', 1, 2, 1000)).toBeNull();
});
