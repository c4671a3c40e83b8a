import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as V1Stdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as V1Http } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpFace } from '../../src/faces/http/index.ts';
import type { HttpFace } from '../../src/faces/http/index.ts';
import { createMcpRoute } from '../../src/faces/mcp/index.ts';
import type { RampartEvent } from '../../src/model/index.ts';
import catalog from '../../tools/catalog.json' with { type: 'json' };
import { alertOf, alertReport } from '../support/alerts.ts';
import { fakeRampart } from '../support/mcp/fake-rampart.ts';
import type { FakeRampart } from '../support/mcp/fake-rampart.ts';
import { RELAY, openPlaces, until } from '../support/mcp/relay.ts';
import type { Places } from '../support/mcp/relay.ts';

/** SDK v1 (all that speaks 2025-11-25 and older) and SDK v2 in both eras, over stdio to the built relay and over HTTP. */

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  readResource(request: { uri: string }): Promise<{ contents: unknown[] }>;
  close(): Promise<void>;
}

const INFO = { name: 'interop-test', version: '1' };
const ERAS = { legacy: 'legacy', auto: 'auto', pinned: { pin: '2026-07-28' } } as const;
const modern = (era: keyof typeof ERAS) => new ModernClient(INFO, { versionNegotiation: { mode: ERAS[era] } });
const severity: RampartEvent = { type: 'severity', atMs: 1, from: 'ok', to: 'warning', reason: 'r' };

const NAMES = catalog.map((tool) => tool.name);

/** Uses everything once; answers the names of the tools. */
async function useAll(client: AnyClient): Promise<string[]> {
  const { tools } = await client.listTools();
  // Both SDKs check the structured answer against the output schema themselves.
  const status = await client.callTool({ name: 'memory_status', arguments: {} });
  expect(status).toMatchObject({ structuredContent: { data: { kind: 'host' } } });
  const list = await client.callTool({ name: 'list_processes', arguments: { limit: 2, detail: 'detailed' } });
  expect(list).toMatchObject({ structuredContent: { data: { processes: expect.any(Array) } } });
  const metrics = await client.callTool({ name: 'query_metrics', arguments: {} });
  expect(metrics).toMatchObject({ structuredContent: { data: { metric: 'memoryAvailableBytes' } } });
  const wrong = await client.callTool({ name: 'memory_status', arguments: { target: 'nobody' } });
  expect(wrong).toMatchObject({ isError: true });
  expect((await client.readResource({ uri: 'memory://status' })).contents).toHaveLength(1);
  return tools.map((tool) => tool.name);
}

describe('over stdio, the built relay and a real service', () => {
  let places: Places;
  beforeEach(() => {
    places = openPlaces();
  });
  afterEach(() => places.clean());
  const program = () => ({ command: process.execPath, args: [RELAY], env: places.env as Record<string, string> });

  it('serves SDK v1', async () => {
    const client = new V1Client(INFO);
    await client.connect(new V1Stdio(program()));
    expect(await useAll(client as unknown as AnyClient)).toEqual(NAMES);
    await client.close();
  });

  it.each(['legacy', 'auto', 'pinned'] as const)('serves SDK v2, %s', async (era) => {
    const client = modern(era);
    await client.connect(new ModernStdio(program()));
    expect(await useAll(client)).toEqual(NAMES);
    await client.close();
  });
});

describe('over HTTP', () => {
  const token = 'h'.repeat(43);
  let rampart: FakeRampart;
  let face: HttpFace;
  let url: URL;
  const withToken = { requestInit: { headers: { Authorization: `Bearer ${token}` } } };

  beforeEach(async () => {
    rampart = fakeRampart();
    face = createHttpFace({ port: 0, token, routes: [createMcpRoute({ rampart: async () => rampart })] });
    url = new URL('/mcp', (await face.start()).url);
  });
  afterEach(() => face.stop());

  it('serves SDK v1, which knows who asks and hears of changes', async () => {
    const client = new V1Client(INFO);
    await client.connect(new V1Http(url, withToken) as never);
    expect(await useAll(client as unknown as AnyClient)).toEqual(NAMES);
    await client.callTool({ name: 'memory_status', arguments: { target: 'self' } });
    const self = rampart.asked.findLast(({ method }) => method === 'self');
    expect(self?.argument).toMatchObject({ face: 'http', clientName: INFO.name });

    const updated: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri));
    await client.subscribeResource({ uri: 'memory://status' });
    await until(() => rampart.listeners.size === 1, 'the watch');
    rampart.emit(severity);
    await until(() => updated.length === 1, 'the notice');
    await client.unsubscribeResource({ uri: 'memory://status' });
    expect(rampart.listeners.size).toBe(0);
    await client.close();
  });

  it.each(['legacy', 'auto', 'pinned'] as const)('serves SDK v2, %s', async (era) => {
    const client = modern(era);
    await client.connect(new ModernHttp(url, withToken));
    expect(await useAll(client)).toEqual(NAMES);
    await client.close();
  });

  it('tells a 2026-07-28 client of changes on its listen stream, and only while it listens', async () => {
    const client = modern('pinned');
    await client.connect(new ModernHttp(url, withToken));
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
    expect(rampart.listeners.size).toBe(0);
    const subscription = await client.listen({ resourceSubscriptions: ['memory://status'] });
    expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: ['memory://status'] });
    await until(() => rampart.listeners.size === 1, 'the watch');
    rampart.emit(severity);
    await until(() => updated.length === 1, 'the notice');
    await subscription.close();
    await until(() => rampart.listeners.size === 0, 'the end of the watch');
    await client.close();
  });

  it('tells a 2026-07-28 client of alerts, if it waits for them', async () => {
    rampart.listAlerts = async () => alertReport([]);
    const client = modern('pinned');
    await client.connect(new ModernHttp(url, withToken));
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
    const subscription = await client.listen({ resourceSubscriptions: ['memory://alerts'] });
    await until(() => rampart.listeners.size === 1, 'the watch');
    rampart.emit(severity);
    rampart.emit({ type: 'alert', atMs: 1, change: 'fired', alert: alertOf() });
    await until(() => updated.length === 1, 'the notice');
    expect(updated).toEqual(['memory://alerts']);
    // The status, which costs a reading of every session, is not watched for it.
    expect(rampart.asked.filter(({ method }) => method === 'status')).toEqual([]);
    await subscription.close();
    await until(() => rampart.listeners.size === 0, 'the end of the watch');
    await client.close();
  });

  it.each([undefined, 'w'.repeat(43)])('lets nobody in with the token %s', async (wrong) => {
    const client = modern('auto');
    const headers: Record<string, string> = wrong === undefined ? {} : { Authorization: `Bearer ${wrong}` };
    await expect(client.connect(new ModernHttp(url, { requestInit: { headers } }))).rejects.toThrow(/401|nauthorized/);
    expect(rampart.asked).toEqual([]);
  });

  it('forgets the longest unused sessions beyond its limit, and says so', async () => {
    const initialize = () =>
      fetch(url, {
        method: 'POST',
        headers: {
          ...withToken.requestInit.headers,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}',
      });
    const ids: (string | null)[] = [];
    for (let count = 0; count < 130; count += 1) {
      const answer = await initialize();
      ids.push(answer.headers.get('mcp-session-id'));
      await answer.text();
    }
    const status = async (id: string | null) => {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          ...withToken.requestInit.headers,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
          'Mcp-Session-Id': id ?? '',
        },
        body: '{"jsonrpc":"2.0","id":2,"method":"ping"}',
      });
      await answer.text();
      return answer.status;
    };
    expect(await status(ids[0] ?? null)).toBe(404);
    expect(await status(ids.at(-1) ?? null)).toBe(200);
  });

  it('ends a session that nobody uses, with its subscription, and keeps one with an open stream', async () => {
    const brief = createHttpFace({
      port: 0,
      token,
      routes: [createMcpRoute({ rampart: async () => rampart, sessionIdleMs: 200 })],
    });
    const endpoint = new URL('/mcp', (await brief.start()).url);
    const waiting = new V1Client(INFO);
    await waiting.connect(new V1Http(endpoint, withToken) as never);
    await waiting.subscribeResource({ uri: 'memory://status' });
    await until(() => rampart.listeners.size === 1, 'the watch');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(rampart.listeners.size).toBe(1);
    // The stream ends without a word, as when a client is killed.
    await waiting.close();
    await until(() => rampart.listeners.size === 0, 'the end of the session');
    expect(rampart.listeners.size).toBe(0);
    await brief.stop();
  });

  it('takes no body beyond its size, announced or not', async () => {
    const big = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(2 ** 21) } });
    const headers = { ...withToken.requestInit.headers, 'Content-Type': 'application/json' };
    const send = async (init: RequestInit) =>
      fetch(url, { method: 'POST', headers, ...init }).then(
        (answer) => answer.status,
        () => 'cut off',
      );
    expect([413, 'cut off']).toContain(await send({ body: big }));
    const chunked = new Blob([big]).stream();
    expect([413, 'cut off']).toContain(await send({ body: chunked, duplex: 'half' } as RequestInit));
    expect(rampart.asked).toEqual([]);
  });
});

it('tells a 2026-07-28 client over stdio of changes', async () => {
  const places = openPlaces();
  const client = modern('pinned');
  await client.connect(
    new ModernStdio({ command: process.execPath, args: [RELAY], env: places.env as Record<string, string> }),
  );
  const subscription = await client.listen({ resourceSubscriptions: ['memory://status'] });
  expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: ['memory://status'] });
  // The watch reaches for the service by itself: its socket appears without any tool call.
  await until(() => places.files().some((file) => file.endsWith('rampart.sock')), 'the service');
  await subscription.close();
  await client.close();
  await places.clean();
});
