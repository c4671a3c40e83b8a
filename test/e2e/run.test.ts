import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_PATH, openGcReceiver } from '../../src/sources/gc-agent/index.ts';
import { CLI, cli, type Sandbox, sandbox, start, until } from '../support/cli/program.ts';

let box: Sandbox;
beforeAll(() => {
  box = sandbox();
});
afterAll(() => box.dispose());

const run = (...words: string[]) => cli(['run', ...words], box);
const script = (name: string, text: string): string => {
  const path = join(box.dir, name);
  writeFileSync(path, text);
  return path;
};

describe('rampart run', () => {
  it('hands on arguments, stdout and the exit status', async () => {
    const { code, out, err } = await run('--', 'sh', '-c', 'echo "$0 $1"; exit 7', 'a b', '--json');
    expect({ code, out }).toEqual({ code: 7, out: 'a b --json\n' });
    expect(err).toContain('NOT ENOUGH DATA');
  });

  it('hands on stdin', async () => {
    const running = start(process.execPath, [...CLI, 'run', '--', 'cat'], box);
    running.child.stdin?.end('through');
    expect(await running.ended).toMatchObject({ code: 0, out: 'through' });
  });

  it('ends as shells do when a signal ended the command', async () => {
    expect(await run('--', 'sh', '-c', 'kill -KILL $$')).toMatchObject({ code: 137 });
  });

  it('says that there is no such command, or none at all', async () => {
    const missing = await run('--', 'no-such-program-here');
    expect(missing).toMatchObject({ code: 65, err: expect.stringContaining("no command 'no-such-program-here'") });
    expect(await run()).toMatchObject({ code: 64, err: expect.stringContaining('needs -- COMMAND') });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('forwards %s and waits for the end', async (signal) => {
    const program = `process.on('${signal}', () => { console.log('got it'); setTimeout(() => process.exit(5), 300); }); console.log('ready'); setTimeout(() => {}, 60_000);`;
    const running = start(process.execPath, [...CLI, 'run', '--', process.execPath, '-e', program], box);
    await until('the command', () => running.out().includes('ready'));
    running.child.kill(signal);
    expect(await running.ended).toMatchObject({ code: 5, out: 'ready\ngot it\n' });
  });

  it('keeps what stands in NODE_OPTIONS', async () => {
    const program = 'console.log(Math.round(require("v8").getHeapStatistics().heap_size_limit / 2 ** 20), typeof gc)';
    const options = { NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=77' };
    const running = start(process.execPath, [...CLI, 'run', '--', process.execPath, '-p', program], box, options);
    const { code, out } = await running.ended;
    expect(code).toBe(0);
    expect(Number(out.split(' ')[0])).toBeLessThan(100);
    // The collector that we use is not left lying about in the program.
    expect(out).toContain('undefined');
  });
});

/** `kept` megabytes a second in a Node program for ten seconds; forced collections twice a second give a verdict by then. */
const soak = (kept: number): string =>
  `const kept = []; const timer = setInterval(() => { const part = Array.from({ length: 500 }, (_, id) => ({ id })); if (${kept} > 0) kept.push(part); }, 50 / Math.max(1, ${kept})); setTimeout(() => { clearInterval(timer); }, 12000);`;

describe('the gate', () => {
  it('exits with 3 on a leak and writes what it saw', async () => {
    const report = join(box.dir, 'leak.json');
    const program = script('leaky.cjs', soak(1));
    const words = ['--gc-every', '500ms', '--report', report, '--', process.execPath, program, '--token=s3cr3t-value'];
    const { code, err } = await run(...words);
    expect(err).toContain('LEAKING v8-heap');
    expect(code).toBe(3);
    expect(statSync(report).mode & 0o777).toBe(0o600);
    const text = readFileSync(report, 'utf8');
    expect(text).not.toContain('s3cr3t-value');
    expect(JSON.parse(text)).toMatchObject({
      schemaVersion: 1,
      verdict: 'leaking',
      kind: 'v8-heap',
      confirmation: 'confirmed',
      exitCode: 0,
    });
  });

  it('writes a page where the file is named so', async () => {
    const report = join(box.dir, 'leak.html');
    const program = `setTimeout(() => {}, 1000)`;
    const { code } = await run('--report', report, '--', process.execPath, '-e', program, '<b>&');
    expect(code).toBe(0);
    const text = readFileSync(report, 'utf8');
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain('&lt;b&gt;&amp;');
    expect(statSync(report).mode & 0o777).toBe(0o600);
  });

  it('stays open for the same work without a leak, and may be told never to close', async () => {
    const healthy = run('--gc-every', '500ms', '--', process.execPath, script('healthy.cjs', soak(0)));
    const never = run(
      '--gc-every',
      '500ms',
      '--fail-on',
      'never',
      '--',
      process.execPath,
      script('leaky.cjs', soak(1)),
    );
    expect(await healthy).toMatchObject({ code: 0, err: expect.stringContaining('CLEAR') });
    expect(await never).toMatchObject({ code: 0, err: expect.stringContaining('LEAKING') });
  });
});

describe('a command of an installed package', () => {
  const package_ = (name: string, text: string): string => {
    mkdirSync(join(box.dir, 'node_modules', name), { recursive: true });
    return script(join('node_modules', name, 'main.cjs'), text);
  };

  it('is suspected of what it keeps until it ends by itself, and accused as a server', async () => {
    const tool = run('--gc-every', '500ms', '--', process.execPath, package_('tool', soak(1)));
    const serving = `const server = require('net').createServer().listen(0, '127.0.0.1'); setTimeout(() => server.close(), 12000); ${soak(1)}`;
    const server = run('--gc-every', '500ms', '--', process.execPath, package_('server', serving));
    expect(await tool).toMatchObject({
      code: 0,
      err: expect.stringMatching(/SUSPECTED v8-heap[^]*a loop of your own/),
    });
    expect(await server).toMatchObject({ code: 3, err: expect.stringContaining('LEAKING v8-heap') });
  });
});

describe('the preload', () => {
  const watched = (path: string, program: string, ...options: string[]) => {
    const env = {
      ...box.env,
      NODE_OPTIONS: `--require ${AGENT_PATH}`,
      RAMPART_GC_SOCKET: path,
      RAMPART_GC_FORCE_MS: '10',
    };
    const child = spawn(process.execPath, [...options, '-e', program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    return new Promise<{ code: number | null; said: string }>((done) =>
      child.on('close', (code) => done({ code, said })),
    );
  };
  const path = (name: string): string => join(box.dir, name);
  const SECOND = 'setTimeout(() => console.log("end"), 1000)';

  it('does nothing to its host when nobody listens', async () => {
    expect(await watched(path('nobody.sock'), SECOND)).toEqual({ code: 0, said: 'end\n' });
  });

  it('stops sending to a reader that hangs, and its host ends all the same', async () => {
    const sockets: Socket[] = [];
    let received = '';
    const server = createServer((socket) => {
      sockets.push(socket);
      // Reads, but never answers.
      socket.setEncoding('utf8').on('data', (text: string) => (received += text));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((listening) => server.listen(path('hangs.sock'), listening));
    const collect =
      'let n = 0; const turn = () => { gc(); if ((n += 1) < 60) setTimeout(turn, 5); else console.log("end"); }; setTimeout(turn, 100)';
    expect(await watched(path('hangs.sock'), collect, '--expose-gc')).toEqual({ code: 0, said: 'end\n' });
    expect(received.trim().split('\n')).toHaveLength(32);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('tells that it is there although the event loop never turns', async () => {
    const receiver = await openGcReceiver(() => undefined);
    const busy = 'const end = Date.now() + 500; while (Date.now() < end); process.exit(0)';
    const ended = watched(receiver.path, `console.log(process.pid); ${busy}`);
    const { said } = await ended;
    expect([...receiver.announced()]).toEqual([Number(said)]);
    await receiver.close();
    expect(receiver.announced().size).toBe(0);
  });

  it('survives a listener that goes', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).destroy());
    await new Promise<void>((listening) => server.listen(path('goes.sock'), listening));
    expect(await watched(path('goes.sock'), SECOND)).toEqual({ code: 0, said: 'end\n' });
    server.close();
  });

  it('leaves the command running when rampart is killed', async () => {
    const done = join(box.dir, 'done');
    const program = `console.log('ready'); setTimeout(() => require('fs').writeFileSync(${JSON.stringify(done)}, ''), 3000)`;
    const running = start(
      process.execPath,
      [...CLI, 'run', '--gc-every', '200ms', '--', process.execPath, '-e', program],
      box,
    );
    await until('the command', () => running.out().includes('ready'));
    running.child.kill('SIGKILL');
    await until('its end', () => existsSync(done));
    expect(existsSync(done)).toBe(true);
  });
});
