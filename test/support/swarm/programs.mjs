// The programs of the stand-in swarm, in one file: `node programs.mjs NAME …` (or a copy of node under an agent's name).
// Each ends by itself after LIFETIME_MS, so that a test that dies leaves nothing behind for long.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LIFETIME_MS = 120_000;
const [, file, name, ...args] = process.argv;
setTimeout(() => process.exit(0), LIFETIME_MS);

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** A client: starts what it is told on stdin, one JSON a line `{command, args, cwd, env, detached, tool}`; answers pids. */
function agent() {
  const [sessionId, configDir] = args;
  const startTime = Number(readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ')[19]);
  if (configDir) {
    const sessions = join(configDir, 'sessions');
    mkdirSync(sessions, { recursive: true });
    const record = {
      pid: process.pid,
      sessionId,
      cwd: process.cwd(),
      startedAt: Date.now(),
      procStart: String(startTime),
    };
    writeFileSync(
      join(sessions, `${process.pid}.json`),
      JSON.stringify({ ...record, status: 'busy', name: 'stand-in' }),
    );
  }
  const common = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: sessionId, CLAUDE_PROJECT_DIR: process.cwd() };
  const toolOnly = { CLAUDE_CODE_CHILD_SESSION: '1', CLAUDE_PID: String(process.pid) };
  const carryOut = async (order) => {
    const env = { ...process.env, ...(order.bare ? {} : common), ...(order.tool ? toolOnly : {}), ...order.env };
    const child = spawn(order.command, order.args ?? [], {
      cwd: order.cwd,
      env,
      detached: order.tool === true || order.detached === true,
      stdio: order.stdio ?? ['pipe', 'pipe', 'ignore'],
      argv0: order.argv0,
    });
    child.on('error', (error) => say({ error: error.message }));
    child.stdin?.on('error', () => {});
    if (order.endInput) child.stdin.end();
    const answer = order.handshake ? await handshake(child) : null;
    say({ pid: child.pid, answer });
  };
  createInterface({ input: process.stdin }).on('line', (line) => void carryOut(JSON.parse(line)));
  // Without a controlling program it would never be missed.
  process.stdin.on('end', () => process.exit(0));
  say({ pid: process.pid, startTime });
}

/** Just enough MCP: initialize, and wait for the answer. */
function handshake(child) {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line).result));
    const clientInfo = { name: 'stand-in', version: '0' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  });
}

/** An MCP server that stays when its client is gone, as many do. */
function server() {
  const serverInfo = { name: 'stand-in-server', version: '0', pid: process.pid };
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    const result = method === 'initialize' ? { protocolVersion: '2025-11-25', capabilities: {}, serverInfo } : {};
    if (id !== undefined) say({ jsonrpc: '2.0', id, result });
  });
  process.stdout.on('error', () => {});
}

/** Listens, and cares about no stdin. */
function http() {
  createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
}

({ agent, server, http })[name ?? file]();
