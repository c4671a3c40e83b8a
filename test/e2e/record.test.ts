import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, type Sandbox, sandbox, startCli, until } from '../support/cli/program.ts';

let box: Sandbox;
const children: ChildProcess[] = [];
beforeAll(() => {
  box = sandbox();
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  box.dispose();
});

const path = (name: string): string => join(box.dir, name);
/** A process to record; it ends with the test at the latest. */
const target = (seconds = 60): number => {
  const child = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${seconds * 1000})`], { stdio: 'ignore' });
  children.push(child);
  return child.pid ?? -1;
};
const rows = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);

describe('rampart record', () => {
  it('writes what detect reads, for --for, readable for nobody else', async () => {
    const file = path('a.csv');
    const { code, out } = await cli(
      ['record', `${target()}`, '--out', file, '--every', '100ms', '--for', '2s', '--json'],
      box,
    );
    expect(code).toBe(0);
    const samples = rows(file).length;
    expect(samples).toBeGreaterThanOrEqual(3);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, files: [{ file, samples, ended: false }] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const detected = await cli(['detect', file, '--json'], box);
    expect(detected.code).toBe(0);
    const line = JSON.parse(detected.out) as Record<string, unknown>;
    expect(line).toMatchObject({ file, verdict: 'insufficient-data', samples, notes: { ignored: [], malformed: 0 } });
    const [first = ''] = rows(file);
    const [tMs, rss, pss, swap] = first.split(',').map(Number);
    expect(Math.abs((tMs ?? 0) - Date.now())).toBeLessThan(600_000);
    expect(rss).toBeGreaterThan(20_000_000);
    expect(pss).toBeGreaterThan(process.platform === 'linux' ? 1_000_000 : -1);
    expect(swap).toBeGreaterThanOrEqual(0);
  });

  it('ends with the process', async () => {
    const { code, out } = await cli(['record', `${target(4)}`, '--out', path('b.csv'), '--every', '100ms'], box);
    expect(code).toBe(0);
    expect(out).toContain('which has ended');
  });

  it('ends on Ctrl-C with everything written', async () => {
    const file = path('c.csv');
    const running = startCli(['record', `${target()}`, '--out', file, '--every', '100ms'], box);
    await until('rows', () => existsSync(file) && rows(file).length > 3);
    running.child.kill('SIGINT');
    const { code, out } = await running.ended;
    expect(code).toBe(0);
    expect(out).toContain(`${rows(file).length} samples`);
    expect(readFileSync(file, 'utf8').endsWith('\n')).toBe(true);
  });

  it('gives each of several processes a file of its own', async () => {
    const pids = [target(), target()];
    const { code } = await cli(
      ['record', ...pids.map(String), '--out', path('d.csv'), '--for', '1s', '--every', '200ms'],
      box,
    );
    expect(code).toBe(0);
    for (const pid of pids) expect(rows(path(`d.${pid}.csv`)).length).toBeGreaterThan(0);
  });

  it('never overwrites a recording', async () => {
    writeFileSync(path('mine.csv'), 'mine');
    const { code, err } = await cli(['record', `${target()}`, '--out', path('mine.csv')], box);
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('exists') });
    expect(readFileSync(path('mine.csv'), 'utf8')).toBe('mine');
  });

  it('says when there is no such process, or another one with its pid', async () => {
    for (const id of ['999999999', `${target()}:1`]) {
      const { code, err } = await cli(['record', id, '--out', path('e.csv')], box);
      expect({ code, err }).toMatchObject({ code: 65, err: expect.stringContaining('there is no process') });
    }
    expect(await cli(['record', 'x', '--out', path('e.csv')], box)).toMatchObject({ code: 64 });
    expect(await cli(['record', '1'], box)).toMatchObject({ code: 64 });
    expect(existsSync(path('e.csv'))).toBe(false);
  });
});
