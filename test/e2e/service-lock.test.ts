import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { elect } from '../../src/service/socket/lock.ts';
import { openRuntimeDir, checkRuntimeDir } from '../../src/service/socket/runtime-dir.ts';
import { exitOf, openSandbox, type Sandbox, until } from '../support/service/sandbox.ts';

let dir = '';
let sandbox: Sandbox;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-lock-'));
  sandbox = openSandbox();
});

afterEach(async () => {
  await sandbox.dispose();
  rmSync(dir, { recursive: true, force: true });
});

test('of 40 that ask at once exactly one gets the lock, again and again', async () => {
  for (let round = 0; round < 10; round += 1) {
    const locks = (await Promise.all(Array.from({ length: 40 }, () => elect(dir)))).filter((lock) => lock !== null);
    expect(locks).toHaveLength(1);
    expect(readdirSync(dir)).toEqual([locks[0]?.name]);
    await locks[0]?.release();
    expect(readdirSync(dir)).toEqual([]);
  }
});

test('of 8 processes that start at once exactly one wins, also over the lock of a killed one', async () => {
  const killed = sandbox.run('elect.ts', [dir]);
  const said = collect(killed);
  killed.stdin?.write('go\n');
  await until('the first one wins', () => said().includes('won'));
  killed.kill('SIGKILL');
  await exitOf(killed);
  expect(readdirSync(dir)).toHaveLength(1);

  const starters = Array.from({ length: 8 }, () => {
    const child = sandbox.run('elect.ts', [dir]);
    return { child, said: collect(child) };
  });
  await until('all are ready', () => starters.every((each) => each.said().includes('ready')), 90_000);
  for (const { child } of starters) child.stdin?.write('go\n');
  await until('all know', () => starters.every((each) => /won|lost/.test(each.said())));
  expect(starters.filter((each) => each.said().includes('won'))).toHaveLength(1);
  expect(readdirSync(dir)).toHaveLength(1);
});

test('a lock whose pid lives again as another process is dead', async () => {
  const stranger = spawn('sleep', ['60']);
  try {
    // A killed holder leaves a socket that nobody listens at; its pid now belongs to somebody else.
    await leaveDeadSocket(join(dir, `1-${stranger.pid}-abc123.lock`));
    const lock = await elect(dir);
    expect(lock).not.toBeNull();
    expect(readdirSync(dir)).toEqual([lock?.name]);
    await lock?.release();
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('rubbish in the directory neither wins nor stops anybody', async () => {
  writeFileSync(join(dir, '1-1-00.lock'), 'no socket');
  writeFileSync(join(dir, 'choosing-1-00.lock'), '');
  writeFileSync(join(dir, 'README'), '');
  mkdirSync(join(dir, 'folder'));
  const lock = await elect(dir);
  expect(lock).not.toBeNull();
  expect(await elect(dir)).toBeNull();
  await lock?.release();
});

test('a holder sees that its file was taken away', async () => {
  const lock = await elect(dir);
  expect(lock?.isHeld()).toBe(true);
  rmSync(join(dir, lock?.name ?? ''));
  expect(lock?.isHeld()).toBe(false);
  const next = await elect(dir);
  expect(next?.isHeld()).toBe(true);
  // The old one ends without harm to the new one.
  await lock?.release();
  expect(next?.isHeld()).toBe(true);
  await next?.release();
});

test('a runtime directory that is a link is refused, with what to do', () => {
  const link = join(dir, 'link');
  mkdirSync(join(dir, 'real'), { mode: 0o700 });
  symlinkSync(join(dir, 'real'), link);
  expect(() => openRuntimeDir(link)).toThrow(/is a symbolic link/);
  expect(() => checkRuntimeDir(link)).toThrow(
    expect.objectContaining({ code: 'not-permitted', hint: expect.stringContaining('RAMPART_RUNTIME_DIR') }),
  );
});

test.skipIf(process.getuid?.() !== 0)("somebody else's runtime directory is refused", async () => {
  const { chownSync } = await import('node:fs');
  const theirs = join(dir, 'theirs');
  mkdirSync(theirs, { mode: 0o700 });
  chownSync(theirs, 65_534, 65_534);
  expect(() => openRuntimeDir(theirs)).toThrow(/belongs to another user/);
});

test('a runtime directory of ours that others may enter is closed by the service and refused by a client', () => {
  const open = join(dir, 'open');
  mkdirSync(open, { mode: 0o755 });
  expect(() => checkRuntimeDir(open)).toThrow(/can be entered by other users/);
  openRuntimeDir(open);
  expect(checkRuntimeDir(open)).toBe('safe');
});

function collect(child: ReturnType<Sandbox['run']>): () => string {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** Binds in a process of its own that is killed, as kill -9 of a holder does. */
async function leaveDeadSocket(path: string): Promise<void> {
  const child = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(path)},()=>console.log(1))`,
  ]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await exitOf(child);
}
