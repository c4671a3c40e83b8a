import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect } from '../../src/service/socket/client.ts';
import { ensureService, type ServiceClient } from '../../src/service/socket/ensure.ts';
import { firstLine, isAlive, openSandbox, type Sandbox, until } from '../support/service/sandbox.ts';

/** Long enough for a client to come back on a loaded machine, short enough to wait for. */
const LINGER_MS = 1_500;

let sandbox: Sandbox;
const clients: ServiceClient[] = [];

beforeEach(() => {
  sandbox = openSandbox({ RAMPART_SERVICE__LINGER_MS: String(LINGER_MS), CLAUDE_CODE_SESSION_ID: 'an-agents-session' });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await sandbox.dispose();
});

async function ensure(options: { version?: string } = {}): Promise<ServiceClient> {
  const client = await ensureService({
    face: 'cli',
    autoStart: true,
    env: sandbox.env,
    deadlineMs: 100_000,
    ...options,
  });
  clients.push(client);
  return client;
}

const stateFiles = (): string[] =>
  readdirSync(sandbox.places.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

/** What outlives a service: history, its log, what it learned, and what its parts remember (docs/service.md). */
const KEPT = /^(?:rampart\.log|log-\d+\.seg|learned\.json|watched\.json|leak-roles\.json|alerts\.json)$/;

/** Nothing of the service is left but what it is to keep. */
async function expectCleanEnd(pid: number): Promise<void> {
  await until('the process ends', () => !isAlive(pid));
  expect(readdirSync(sandbox.places.runtimeDir)).toEqual([]);
  expect(stateFiles().filter((name) => !KEPT.test(name))).toEqual([]);
}

test('20 clients that come at once share one service, which leaves after the last and leaves nothing behind', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => ensure()));
  const pids = new Set(all.map((client) => client.service().pid));
  expect(pids.size).toBe(1);
  // Those who lost the election may still be on their way out.
  await until('one lock is left', () => sandbox.lockFiles().length === 1);
  const [pid = 0] = pids;

  // Started by an agent's child, it is nobody's: neither the session's id nor its directory stays with it.
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('an-agents-session');
  const status = await all[0]?.status();
  const own = status?.unattributed.find((process) => process.pid === pid);
  expect(own).toMatchObject({ sessionId: null, client: null, serverName: 'rampart' });
  expect(status?.rampart.pid).toBe(pid);
  expect(status?.origin).toBe('service');

  for (const client of clients.splice(0)) await client.close();
  await expectCleanEnd(pid);
  expect(readFileSync(sandbox.places.logPath, 'utf8')).toContain('"message":"ended"');
});

test('after kill -9 of the service the next call of the same client starts another, and nothing stale stays', async () => {
  const client = await ensure();
  await client.status();
  const killed = client.service().pid;
  process.kill(killed, 'SIGKILL');
  await until('it is dead', () => !isAlive(killed));
  expect(existsSync(sandbox.places.socketPath)).toBe(true);

  expect((await client.status()).origin).toBe('service');
  const pid = client.service().pid;
  expect(pid).not.toBe(killed);
  expect(sandbox.lockFiles()).toEqual([expect.stringContaining(`-${pid}-`)]);
  await client.close();
  await expectCleanEnd(pid);
});

test('a client that is killed counts as gone', async () => {
  const holder = sandbox.run('hold-client.ts');
  const pid = Number(await firstLine(holder));
  expect(isAlive(pid)).toBe(true);
  holder.kill('SIGKILL');
  await expectCleanEnd(pid);
});

test('a client keeps the service, however long it asks nothing', async () => {
  const client = await ensure();
  const { pid } = client.service();
  await new Promise((resolve) => setTimeout(resolve, 2 * LINGER_MS));
  expect(isAlive(pid)).toBe(true);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends it within a second, history written', async (signal) => {
  const client = await ensure();
  await client.status();
  const { pid } = client.service();
  // Closed first: a client that is still there would start another.
  await client.close();
  const from = performance.now();
  process.kill(pid, signal);
  await expectCleanEnd(pid);
  // The promise is a second; the rest is what a loaded machine may take to tell us.
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(stateFiles().some((name) => /^log-\d+\.seg$/.test(name))).toBe(true);
});

test('a newer client makes an older service leave and goes on with its own', async () => {
  const old = await ensure();
  const before = old.service().pid;
  const newer = await ensure({ version: '99.0.0' });
  expect(newer.service().pid).not.toBe(before);
  await until('the old one ends', () => !isAlive(before));
  // The older client finds the newer service with its next call, and leaves it in peace.
  expect((await old.status()).rampart.pid).toBe(newer.service().pid);
  const after = newer.service().pid;
  const oldest = await ensure({ version: '0.0.1' });
  expect(oldest.service().pid).toBe(after);
});

test('a service whose socket is taken away leaves, and the next client gets another', async () => {
  const client = await ensure();
  const { pid } = client.service();
  const { rmSync } = await import('node:fs');
  rmSync(sandbox.places.socketPath);
  await until('it leaves', () => !isAlive(pid));
  const next = await ensure();
  expect(next.service().pid).not.toBe(pid);
});

test('a service that cannot start says why at once', async () => {
  sandbox.env['RAMPART_SAMPLE_INTERVAL'] = 'never';
  await expect(ensure()).rejects.toMatchObject({
    code: 'service-unavailable',
    message: expect.stringMatching(/did not start.*sampleInterval/s),
  });
});

test('without autoStart nothing is started and nothing is made', async () => {
  const asked = ensureService({ face: 'stdio', autoStart: false, env: sandbox.env });
  await expect(asked).rejects.toMatchObject({ code: 'service-unavailable' });
  expect(existsSync(sandbox.places.runtimeDir)).toBe(false);
  expect(existsSync(sandbox.places.stateDir)).toBe(false);
  await expect(connect({ socketPath: sandbox.places.socketPath, face: 'cli' })).rejects.toMatchObject({
    code: 'service-unavailable',
  });
});
