import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DIST, openPlaces, until } from '../support/mcp/relay.ts';
import type { Places } from '../support/mcp/relay.ts';

/** The built `rampart start` with its HTTP endpoint, as a client meets it. */

let places: Places;
let service: ChildProcess;
let url: string;

beforeEach(async () => {
  places = openPlaces();
  service = spawn(process.execPath, [join(DIST, 'cli.js'), 'start'], {
    env: { ...places.env, RAMPART_HTTP__PORT: '0', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [service.stdout, service.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  const found = () => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
  await until(() => found() !== undefined, `the endpoint; output: ${output}`);
  url = found() ?? '';
});
afterEach(async () => {
  const ended = service.exitCode === null && service.signalCode === null ? once(service, 'exit') : Promise.resolve();
  service.kill('SIGTERM');
  await ended;
  await places.clean();
});

const tokenFile = () => join(places.dir, 'state', 'token');
const client = async (): Promise<Client> => {
  const token = readFileSync(tokenFile(), 'utf8').trim();
  const opened = new Client({ name: 'http-test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const headers = { Authorization: `Bearer ${token}` };
  await opened.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
  return opened;
};

it('answers whoever holds the token of the file that only the owner can read', async () => {
  expect(statSync(tokenFile()).mode & 0o777).toBe(0o600);
  const opened = await client();
  const { structuredContent } = await opened.callTool({ name: 'memory_status', arguments: {} });
  expect(structuredContent).toMatchObject({ data: { kind: 'host', host: { rampart: { pid: service.pid } } } });
  await opened.close();
  expect((await fetch(new URL('/mcp', url), { method: 'POST' })).status).toBe(401);
});

it.skipIf(process.platform !== 'linux')('knows by the connection which process asks', async () => {
  const opened = await client();
  const { structuredContent } = await opened.callTool({ name: 'memory_status', arguments: { target: 'self' } });
  expect(structuredContent).toMatchObject({
    data: { kind: 'self', process: { id: expect.stringMatching(`^${process.pid}:`) } },
  });
  await opened.close();
});

it('ends at once with open streams, and gives its port back', async () => {
  const opened = await client();
  const subscription = await opened.listen({ resourceSubscriptions: ['memory://status'] });
  service.kill('SIGTERM');
  await once(service, 'exit');
  expect(await subscription.closed).toMatch(/graceful|remote/);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const [refused] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(refused.code).toBe('ECONNREFUSED');
  await opened.close();
});
