import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LifeSigns, Source } from '../../../src/model/index.ts';
import { createLinuxSource } from '../../../src/sources/linux/index.ts';
import { fakeClock } from '../../support/processes/clock.ts';
import { type FakeProc, createFakeProc } from '../../support/processes/fake-proc.ts';

const READ = '0100000';
const WRITE = '0100001';
let proc: FakeProc;
let source: Source;
beforeEach(() => {
  proc = createFakeProc();
  source = createLinuxSource({ clock: fakeClock(), procRoot: proc.root, cgroupRoot: `${proc.root}/none` });
  proc.put({ pid: 1, ppid: 0, comm: 'systemd' });
});
afterEach(async () => {
  await source.close();
  proc.dispose();
});

async function signsOf(pid: number, swept = true): Promise<LifeSigns | undefined> {
  if (swept) await source.sample();
  return (await source.lifeSigns([{ pid, startTime: 100 }])).get(`${pid}:100`);
}

describe('a socket at stdin', () => {
  const table = (references: string): string =>
    `Num       RefCount Protocol Flags    Type St Inode Path\n0000000000000000: ${references} 00000000 00000000 0001 03  4711\n`;

  it.each([
    ['00000003', 'alive'],
    ['00000002', 'dead'],
  ] as const)('with %s references its peer is %s', async (references, stdinPeer) => {
    proc.write('net/unix', table(references));
    proc.put({ pid: 7, fds: { 0: ['socket:[4711]', '02'] } });
    expect(await signsOf(7)).toEqual({
      stdinPeer,
      stdinChannel: 'socket:[4711]',
      readBytes: 1234,
      openFiles: expect.any(Number) as number,
      unknown: {},
    });
  });

  it('is not known where no table shows it', async () => {
    proc.write('net/unix', table('00000002'));
    proc.put({ pid: 7, fds: { 0: ['socket:[9]', '02'] } });
    const signs = await signsOf(7);
    expect(signs?.stdinPeer).toBeNull();
    expect(signs?.unknown['stdinPeer']).toContain('no UNIX socket table');
  });

  it('is not known where someone forges the table', async () => {
    proc.write('net/unix', table('00000003') + table('00000002'));
    proc.put({ pid: 7, fds: { 0: ['socket:[4711]', '02'] } });
    expect((await signsOf(7))?.stdinPeer).toBeNull();
  });
});

describe('a pipe at stdin', () => {
  const stdin = { 0: ['pipe:[55]', READ] } as const;

  it('is alive while its parent holds the writing end', async () => {
    proc.put({ pid: 6, fds: { 9: ['pipe:[55]', WRITE] } });
    proc.put({ pid: 7, ppid: 6, fds: stdin });
    expect((await signsOf(7))?.stdinPeer).toBe('alive');
  });

  it('is alive while anybody else does', async () => {
    proc.put({ pid: 6 });
    proc.put({ pid: 7, ppid: 6, fds: stdin });
    proc.put({ pid: 8, fds: { 4: ['pipe:[55]', WRITE] } });
    expect((await signsOf(7))?.stdinPeer).toBe('alive');
  });

  it('is dead when only readers and itself are left', async () => {
    proc.put({ pid: 6, fds: { 3: ['pipe:[55]', READ] } });
    proc.put({ pid: 7, ppid: 6, fds: { ...stdin, 5: ['pipe:[55]', WRITE] } });
    proc.put({ pid: 8, fds: { 4: ['pipe:[56]', WRITE] } });
    expect((await signsOf(7))?.stdinPeer).toBe('dead');
  });

  it('is not known while an ancestor that may hold it cannot be read', async () => {
    proc.put({ pid: 7, ppid: 99, fds: stdin });
    const signs = await signsOf(7);
    expect(signs?.stdinPeer).toBeNull();
    expect(signs?.stdinChannel).toBe('pipe:[55]');
    expect(signs?.unknown['stdinPeer']).toContain('ancestor');
  });

  it('is not known before a sweep has seen its parent', async () => {
    proc.put({ pid: 7, fds: stdin });
    expect((await signsOf(7, false))?.stdinPeer).toBeNull();
  });
});

describe('other signs', () => {
  it.each([['/dev/null'], ['/dev/pts/3'], ['/tmp/input.txt'], ['anon_inode:[eventpoll]']])(
    '%s has no peer',
    async (link) => {
      proc.put({ pid: 7, fds: { 0: [link, READ] } });
      expect(await signsOf(7)).toMatchObject({ stdinPeer: 'none', stdinChannel: null, unknown: {} });
    },
  );

  it('takes a closed stdin for none', async () => {
    proc.put({ pid: 7 });
    expect((await signsOf(7))?.stdinPeer).toBe('none');
  });

  it('leaves out the gone and the reused', async () => {
    proc.put({ pid: 7, startTime: 200 });
    await source.sample();
    const signs = await source.lifeSigns([
      { pid: 7, startTime: 100 },
      { pid: 8, startTime: 100 },
      { pid: 7, startTime: 200 },
    ]);
    expect([...signs.keys()]).toEqual(['7:200']);
  });
});
