import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MemoryBank, watchMemoryBank } from '../../src/integrations/index.ts';
import { exitOf, firstLine, node, until } from '../support/integrations/child.ts';

let project = '';
let bank: MemoryBank | null = null;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rampart-bank-'));
});

afterEach(() => {
  bank?.close();
  bank = null;
  rmSync(project, { recursive: true, force: true });
});

function put(name: string, content: unknown): void {
  const path = join(project, 'memory', name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify(content));
}

async function watched(options: { readonly sweepMs?: number } = {}): Promise<MemoryBank> {
  bank = watchMemoryBank({ project, ...options });
  await bank.read();
  return bank;
}

const statuses = (of: MemoryBank): string[] =>
  of
    .records()
    .map((record) => `${record.id}:${record.status}`)
    .toSorted((a, b) => a.localeCompare(b));

describe('the memory bank', () => {
  it('follows agents that come, change, are renamed and go, without a sweep', async () => {
    const live = await watched({ sweepMs: 3_600_000 });
    // Nothing to watch yet: this one is found by the sweep.
    put('agents/a/state.json', { pid: 1, status: 'new' });
    live.sweep();
    expect(statuses(live)).toEqual(['a:new']);
    put('agents/a/state.json', { pid: 1, status: 'busy' });
    await until(
      () => statuses(live).join(),
      (text) => text === 'a:busy',
    );
    put('agents/b/state.json', { pid: 2, status: 'busy' });
    await until(
      () => statuses(live).join(),
      (text) => text === 'a:busy,b:busy',
    );
    renameSync(join(project, 'memory/agents/b'), join(project, 'memory/agents/c'));
    await until(
      () => statuses(live).join(),
      (text) => text === 'a:busy,c:busy',
    );
    put('agents/c/state.json', { pid: 2, status: 'idle' });
    await until(
      () => statuses(live).join(),
      (text) => text === 'a:busy,c:idle',
    );
    rmSync(join(project, 'memory/agents/a'), { recursive: true });
    await until(
      () => statuses(live).join(),
      (text) => text === 'c:idle',
    );
    expect(live.stats().sweeps).toBe(2);
  });

  it('follows a folder that is deleted and made again under the same name', async () => {
    put('agents/a/state.json', { status: 'first' });
    const live = await watched({ sweepMs: 3_600_000 });
    for (let round = 0; round < 5; round += 1) {
      rmSync(join(project, 'memory/agents/a'), { recursive: true });
      put('agents/a/state.json', { status: `round-${round}` });
      await until(
        () => statuses(live).join(),
        (text) => text === `a:round-${round}`,
      );
    }
  });

  it('sees sessions of a new day', async () => {
    put('sessions/2026-11-22/s-1/metadata.json', { status: 'done' });
    const live = await watched({ sweepMs: 3_600_000 });
    put('sessions/2026-11-23/s-2/metadata.json', { status: 'active', pid: 9 });
    await until(
      () => statuses(live).join(),
      (text) => text === 's-1:done,s-2:active',
    );
  });

  it('is right after a storm of writes, deletions and new folders, with few watches and few reads', async () => {
    for (let folder = 0; folder < 20; folder += 1) put(`agents/a-${folder}/state.json`, { status: 'first' });
    const live = await watched();
    const storm = node(
      {
        code: `
        const fs = require('node:fs');
        const root = process.argv[1] + '/memory/agents/';
        for (let round = 0; round < 30; round++) for (let folder = 0; folder < 20; folder++) {
          const path = root + 'a-' + folder + '/';
          for (let file = 0; file < 9; file++) fs.writeFileSync(path + 'note-' + file, 'x'.repeat(round));
          const text = JSON.stringify({ status: 'round-' + round });
          fs.writeFileSync(path + 'state.json', '');
          fs.writeFileSync(path + 'state.json', text.slice(0, 9));
          if (round % 2) fs.writeFileSync(path + 'state.json', text);
          else { fs.writeFileSync(path + 'tmp', text); fs.renameSync(path + 'tmp', path + 'state.json'); }
        }
        for (let folder = 0; folder < 5; folder++) fs.rmSync(root + 'a-' + folder, { recursive: true });
        for (let folder = 20; folder < 25; folder++) { fs.mkdirSync(root + 'a-' + folder); fs.writeFileSync(root + 'a-' + folder + '/state.json', '{"status":"round-29"}'); }`,
      },
      project,
    );
    expect(await exitOf(storm)).toBe(0);
    const right = Array.from({ length: 20 }, (_, index) => `a-${index + 5}:round-29`).toSorted((a, b) =>
      a.localeCompare(b),
    );
    await until(
      () => statuses(live).join(),
      (text) => text === right.join(),
    );
    const { watched: watches, fileReads, hints } = live.stats();
    // 7,200 writes and more: reads follow looks, not writes.
    expect(watches).toBeLessThanOrEqual(26);
    expect(hints).toBeLessThan(1500);
    expect(fileReads).toBeLessThan(1500);
    expect((await live.read()).problems).toEqual([]);
  });

  it('survives a writer that is killed in the middle of a write', async () => {
    put('agents/a/state.json', { pid: 1, status: 'good' });
    const live = await watched();
    const code = `
      const fs = require('node:fs');
      const path = process.argv[1] + '/memory/agents/a/state.json';
      const text = JSON.stringify({ pid: 1, status: 'good', filler: 'x'.repeat(50000) });
      process.stdout.write('writing\\n');
      for (;;) { const fd = fs.openSync(path, 'w'); for (let at = 0; at < text.length; at += 5000) fs.writeSync(fd, text.slice(at, at + 5000)); fs.closeSync(fd); }`;
    for (let kill = 0; kill < 5; kill += 1) {
      const writer = node({ code }, project);
      await firstLine(writer);
      await new Promise((resolve) => setTimeout(resolve, 30 + kill * 17));
      writer.kill('SIGKILL');
      await exitOf(writer);
      live.sweep();
      // Torn or whole: the record is never lost, never half.
      expect(live.records().map(({ status, claim }) => [status, claim?.pid])).toEqual([['good', 1]]);
    }
    put('agents/a/state.json', { pid: 2, status: 'mended' });
    await until(
      async () => (await live.read()).claims[0]?.pid,
      (pid) => pid === 2,
    );
    expect((await live.read()).problems).toEqual([]);
  });

  it('never reads through a folder that is swapped for a link again and again', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'rampart-outside-'));
    writeFileSync(join(outside, 'state.json'), '{"pid":666,"status":"stolen"}');
    put('agents/a/state.json', { pid: 1, status: 'good' });
    const live = await watched();
    const swapper = node(
      {
        code: `
        const fs = require('node:fs');
        const [, project, outside] = process.argv;
        const path = project + '/memory/agents/a', aside = project + '/memory/aside';
        process.stdout.write('swapping\\n');
        for (;;) { fs.renameSync(path, aside); fs.symlinkSync(outside, path); fs.unlinkSync(path); fs.renameSync(aside, path); }`,
      },
      project,
      outside,
    );
    try {
      await firstLine(swapper);
      const seen = new Set<number | undefined>();
      for (let look = 0; look < 3000; look += 1) {
        live.sweep();
        seen.add((await live.read()).claims[0]?.pid);
      }
      expect(seen.has(666)).toBe(false);
    } finally {
      swapper.kill('SIGKILL');
      await exitOf(swapper);
    }
    // Whether the true folder was ever met in place is chance; once it stays there, it must be read.
    const [path, aside] = [join(project, 'memory/agents/a'), join(project, 'memory/aside')];
    if (existsSync(aside)) {
      rmSync(path, { force: true });
      renameSync(aside, path);
    }
    live.sweep();
    expect((await live.read()).claims.map(({ pid }) => pid)).toEqual([1]);
    rmSync(outside, { recursive: true });
  });

  it('refuses a link that is there from the start, and goes on with the rest', async () => {
    put('agents/good/state.json', { pid: 1 });
    symlinkSync('/etc', join(project, 'memory/agents/evil'));
    const { claims, problems } = await (await watched()).read();
    expect(claims.map(({ pid }) => pid)).toEqual([1]);
    expect(problems).toEqual([{ path: join(project, 'memory/agents/evil'), reason: 'a symbolic link: refused' }]);
  });
});

describe('the process that watches', () => {
  const program = { program: 'test/support/integrations/bank-watcher.ts' };

  it('ends after close(), and nothing of the bank is left', async () => {
    put('agents/a/state.json', { pid: 1 });
    const child = node(program, project, 'close');
    expect(await firstLine(child)).toBe('2');
    const rest = new Promise<string>((resolve) =>
      child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const inotify = watchesOf(child.pid ?? 0);
    child.stdin?.write('close\n');
    expect([inotify, await rest, await exitOf(child)]).toEqual([2, '0\n', 0]);
  });

  it('ends also without close() when it has nothing else to do', async () => {
    put('agents/a/state.json', { pid: 1 });
    const child = node(program, project);
    expect(await exitOf(child)).toBe(0);
  });
});

function watchesOf(pid: number): number {
  const fdinfo = Array.from({ length: 64 }, (_, fd) => fd).map((fd) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  return fdinfo.join('\n').match(/^inotify wd/gm)?.length ?? 0;
}
