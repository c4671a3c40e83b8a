import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The built programs; `npm test` builds them first. */
export const DIST = resolve(process.env['RAMPART_TEST_DIST'] ?? 'dist');
export const RELAY = join(DIST, 'mcp.js');

/** Directories of their own for the programs of one test, and an environment that points there. */
export interface Places {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** What lies in there now, by path. */
  files(): string[];
  /** Also ends a service that was started in there. */
  clean(): Promise<void>;
}

/** A service that loses its last client leaves after this time; the real value is a minute. */
const LINGER_MS = 500;

export function openPlaces(): Places {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-mcp-'));
  return {
    dir,
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      RAMPART_STATE_DIR: join(dir, 'state'),
      RAMPART_RUNTIME_DIR: join(dir, 'run'),
      RAMPART_SERVICE__LINGER_MS: String(LINGER_MS),
    },
    files: () => readdirSync(dir, { recursive: true }).map(String).sort(),
    async clean() {
      const sockets = () => readdirSync(dir, { recursive: true }).filter((name) => /\.(sock|lock)$/.test(String(name)));
      await until(() => sockets().length === 0, 'the service to leave');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Waits for a condition; a deadline far above any real time, so that a loaded machine does not fail a test. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 20_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown> & {
    content?: { text: string }[];
    structuredContent?: Record<string, unknown>;
  };
  readonly error?: { code: number; message: string };
}

export interface Relay {
  readonly child: ChildProcessWithoutNullStreams;
  readonly pid: number;
  /** Everything that came over stdout, message by message. */
  readonly received: Message[];
  readonly stderr: () => string;
  /** Sends a line as it is. */
  sendLine(line: string): void;
  /** Sends a line and waits for the answer with its id. */
  answerTo(line: string): Promise<Message>;
  request(method: string, params?: Record<string, unknown>): Promise<Message>;
  initialize(): Promise<void>;
  callTool(name: string, args?: Record<string, unknown>): Promise<NonNullable<Message['result']>>;
  /** Exit code or signal. */
  ended(): Promise<number | string | null>;
}

export function startRelay(places: Places, extraEnv: NodeJS.ProcessEnv = {}): Relay {
  const child = spawn(process.execPath, [RELAY], { env: { ...places.env, ...extraEnv }, stdio: 'pipe' });
  const received: Message[] = [];
  let stderr = '';
  let rest = '';
  let nextId = 1000;
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout.on('data', (chunk) => {
    rest += String(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    // Anything but JSON on stdout would break a client: let it break the test.
    for (const line of lines) received.push(JSON.parse(line) as Message);
  });
  const exit = once(child, 'exit');
  const relay: Relay = {
    child,
    pid: child.pid ?? 0,
    received,
    stderr: () => stderr,
    sendLine: (line) => void child.stdin.write(`${line}\n`),
    async answerTo(line) {
      const { id } = JSON.parse(line) as Message;
      relay.sendLine(line);
      const answer = () => received.find((message) => message.id === id && message.method === undefined);
      await until(() => answer() !== undefined, `an answer to ${line.slice(0, 120)}; stderr: ${stderr}`);
      return answer() as Message;
    },
    request: (method, params = {}) => relay.answerTo(JSON.stringify({ jsonrpc: '2.0', id: nextId++, method, params })),
    async initialize() {
      await relay.request('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      });
      relay.sendLine('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    },
    async callTool(name, args = {}) {
      const { result, error } = await relay.request('tools/call', { name, arguments: args });
      if (result === undefined) throw new Error(error?.message);
      return result;
    },
    async ended() {
      const [code, signal] = (await exit) as [number | null, string | null];
      return code ?? signal;
    },
  };
  return relay;
}
