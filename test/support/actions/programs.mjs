// What agents leave behind, in one file: `node programs.mjs NAME …`. Each ends by itself after LIFETIME_MS.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';

const LIFETIME_MS = 240_000;
const [, file, name, ...args] = process.argv;
setTimeout(() => process.exit(0), LIFETIME_MS);
process.stdin.on('error', () => {}).resume();
process.stdout.on('error', () => {});

/** Answers once it is ready: whoever plants it must not go on before. */
const ready = (pids = []) => {
  const result = { serverInfo: { pid: process.pid }, pids };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n`);
};

/** A server that ends on nothing but SIGKILL. */
function stubborn() {
  process.on('SIGTERM', () => {});
  ready();
}

/** A server with a browser (own session, pipes to us), a worker (its stdin is ours) and a plain child. */
function family() {
  const sleep = ['/bin/sleep', ['200']];
  const browser = spawn(...sleep, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const worker = spawn(...sleep, { stdio: ['pipe', 'pipe', 'ignore'] });
  const plain = spawn(...sleep, { stdio: 'ignore' });
  ready([browser.pid, worker.pid, plain.pid]);
}

/** A server that has started a daemon: own session, nothing shared with it. */
function daemon() {
  const child = spawn('/bin/sleep', ['200'], { detached: true, stdio: 'ignore' });
  child.unref();
  ready([child.pid]);
}

/** A server that changes once the file is there: 'listen' opens a port, 'work' uses a core. */
function late() {
  const [what, flag] = args;
  const timer = setInterval(() => {
    if (!existsSync(flag)) return;
    clearInterval(timer);
    if (what === 'listen') createServer().listen(0, '127.0.0.1');
    else if (what === 'end') process.exit(0);
    else {
      const burn = () => {
        for (const until = Date.now() + 50; Date.now() < until;);
        setTimeout(burn, 5);
      };
      burn();
    }
  }, 20);
  ready();
}

({ stubborn, family, daemon, late })[name ?? file]();
