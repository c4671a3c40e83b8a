import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, readlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import catalog from '../../tools/catalog.json' with { type: 'json' };
import { CAPTURED } from '../support/mcp/captured-clients.ts';
import { RELAY, openPlaces, startRelay, until } from '../support/mcp/relay.ts';
import type { Places, Relay } from '../support/mcp/relay.ts';

let places: Places;
const relays: Relay[] = [];
const relay = (env: NodeJS.ProcessEnv = {}): Relay => {
  const started = startRelay(places, env);
  relays.push(started);
  return started;
};

beforeEach(() => {
  places = openPlaces();
});
afterEach(async () => {
  for (const { child } of relays.splice(0)) child.kill('SIGKILL');
  await places.clean();
});

const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('what clients really send', () => {
  it.each(Object.entries(CAPTURED))('%s is answered, line by line', async (_client, lines) => {
    const server = relay();
    for (const line of lines) {
      if ('id' in JSON.parse(line) && 'method' in JSON.parse(line)) await server.answerTo(line);
      else server.sendLine(line);
    }
    expect(server.received.filter((message) => 'error' in message)).toEqual([]);
    const tools = server.received.find((message) => Array.isArray(message.result?.['tools']));
    expect(tools?.result?.['tools']).toHaveLength(catalog.length);
    expect(server.stderr()).toBe('');
  });

  it('Claude Code may stay in the era that its probe found', async () => {
    const server = relay({ CLAUDE_CODE_SESSION_ID: 'a-session-that-is-not-there' });
    const [probe] = CAPTURED['claude-code 2.1.330'];
    const discovered = await server.answerTo(probe);
    expect(discovered.result).toMatchObject({ supportedVersions: ['2026-07-28'], capabilities: { tools: {} } });
    const { _meta } = (JSON.parse(probe) as { params: { _meta: object } }).params;
    const { result } = await server.request('tools/call', {
      name: 'memory_status',
      arguments: { target: 'self' },
      _meta,
    });
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { data: { kind: 'self' } } });
  });

  it('a new client of no era, and nonsense, get an error and no crash', async () => {
    const server = relay();
    server.sendLine('this is no JSON');
    server.sendLine('{"jsonrpc":"2.0"}');
    server.sendLine('[]');
    expect(
      (await server.request('server/discover', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } }))
        .error,
    ).toMatchObject({ code: expect.any(Number) });
    await server.initialize();
    expect((await server.request('no/such/method')).error).toMatchObject({ code: -32601 });
    expect((await server.request('tools/list')).result?.['tools']).toHaveLength(catalog.length);
  });
});

describe('a probe', () => {
  it('leaves no file, port, socket or child', async () => {
    const server = relay();
    await server.initialize();
    await server.request('tools/list');
    await server.request('resources/list');
    expect(places.files()).toEqual([]);
    expect(readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')).toBe('');
    const open = readdirSync(`/proc/${server.pid}/fd`).map((fd) => [
      Number(fd),
      readlinkSync(`/proc/${server.pid}/fd/${fd}`),
    ]);
    const beyondStdio = open.filter(
      ([fd, target]) => Number(fd) > 2 && /^(socket|\/(?!dev\/null))/.test(String(target)),
    );
    expect(beyondStdio).toEqual([]);
    server.child.stdin.end();
    expect(await server.ended()).toBe(0);
    expect(places.files()).toEqual([]);
  });
});

describe('it never outlives its client', () => {
  const ways: Record<string, (server: Relay) => void> = {
    'the end of stdin': (server) => server.child.stdin.end(),
    'a closed stdout': (server) => {
      server.child.stdout.destroy();
      server.sendLine('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    },
    SIGTERM: (server) => server.child.kill('SIGTERM'),
    SIGINT: (server) => server.child.kill('SIGINT'),
    SIGHUP: (server) => server.child.kill('SIGHUP'),
  };

  it.each(Object.keys(ways))('ends by %s, idle', async (way) => {
    const server = relay();
    await server.initialize();
    ways[way]?.(server);
    expect(await server.ended()).toBe(0);
  });

  it.each(Object.keys(ways))('ends by %s, with the service and a subscription open', async (way) => {
    const server = relay();
    await server.initialize();
    await server.callTool('memory_status');
    await server.request('resources/subscribe', { uri: 'memory://status' });
    ways[way]?.(server);
    expect(await server.ended()).toBe(0);
  });

  it('ends when its parent dies, though somebody else holds its stdin', async () => {
    // A named pipe that this test holds open for writing: no end of stdin will come.
    const pipe = join(places.dir, 'stdin');
    execFileSync('mkfifo', [pipe]);
    const stdin = openSync(pipe, 'r+');
    try {
      const code = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(RELAY)}], { stdio: 'inherit' }).once('spawn', function () { process.stderr.write(String(this.pid)); });`;
      const parent = spawn(process.execPath, ['-e', code], { env: places.env, stdio: [stdin, 'pipe', 'pipe'] });
      const pid = await new Promise<number>((resolve) => parent.stderr?.once('data', (text) => resolve(Number(text))));
      const initialized = new Promise((resolve) => parent.stdout?.once('data', resolve));
      writeSync(stdin, `${CAPTURED['gemini-cli 0.61.0'][0]}\n`);
      await initialized;
      parent.kill('SIGKILL');
      await until(() => !alive(pid), 'the orphan to end');
      expect(alive(pid)).toBe(false);
    } finally {
      closeSync(stdin);
    }
  });
});

describe('the service behind it', () => {
  it('is started by the first question, answers who asks, and leaves after the last client', async () => {
    const server = relay();
    await server.initialize();
    const host = await server.callTool('memory_status');
    expect(host.structuredContent).toMatchObject({ data: { kind: 'host', host: { origin: 'service' } } });
    const self = await server.callTool('memory_status', { target: 'self' });
    expect(self.structuredContent).toMatchObject({
      data: { kind: 'self', process: { id: expect.stringMatching(`^${server.pid}:`) } },
    });
    const { data } = host.structuredContent as { data: { host: { rampart: { pid: number } } } };
    const servicePid = data.host.rampart.pid;
    expect(alive(servicePid)).toBe(true);
    server.child.stdin.end();
    await server.ended();
    await until(() => !alive(servicePid), 'the service to leave');
  });

  it('is found again when it was killed', async () => {
    const server = relay();
    await server.initialize();
    const first = (await server.callTool('memory_status')).structuredContent as {
      data: { host: { rampart: { pid: number } } };
    };
    process.kill(first.data.host.rampart.pid, 'SIGKILL');
    const second = await server.callTool('memory_status');
    expect(second.isError).toBeUndefined();
    expect(second.structuredContent).not.toMatchObject({ data: { host: { rampart: first.data.host.rampart } } });
  });

  it('that cannot start becomes a tool error with the next step, and the relay lives on', async () => {
    writeFileSync(join(places.dir, 'file'), '');
    const server = relay({ RAMPART_RUNTIME_DIR: join(places.dir, 'file', 'run') });
    await server.initialize();
    const answer = await server.callTool('memory_status');
    expect(answer.isError).toBe(true);
    expect(answer.content?.[0]?.text).toMatch(/Next: /);
    expect((await server.request('tools/list')).result?.['tools']).toHaveLength(catalog.length);
  });
});

it('100 starts, each looked at and then ended or killed, leave nothing', async () => {
  const pids: number[] = [];
  const cycle = async (index: number): Promise<void> => {
    const server = relay();
    pids.push(server.pid);
    await server.initialize();
    await server.request('tools/list');
    if (index % 2 === 0) server.child.kill('SIGKILL');
    else server.child.stdin.end();
    await server.ended();
  };
  for (let batch = 0; batch < 25; batch += 1) {
    await Promise.all([0, 1, 2, 3].map((offset) => cycle(batch * 4 + offset)));
  }
  expect(new Set(pids).size).toBeGreaterThan(90);
  expect(pids.filter(alive)).toEqual([]);
  expect(places.files()).toEqual([]);
});
