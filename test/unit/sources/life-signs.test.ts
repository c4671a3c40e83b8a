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

describe('a process whose client is gone', () => {
  const header = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
  const dead = `${header}0000000000000000: 00000002 00000000 00000000 0001 03  4711\n`;
  const tcp = (state: string): string =>
    `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:0BB9 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 99 1 0 100 0 0 10 0\n`;

  beforeEach(() => {
    proc.write('net/unix', dead);
    proc.put({ pid: 7, fds: { 0: ['socket:[4711]', '02'], 5: ['socket:[99]', '02'] } });
  });

  it.each([
    ['listens on TCP', tcp('0A'), dead, true],
    ['only has a TCP connection', tcp('01'), dead, false],
    ['listens on a UNIX socket', tcp('01'), `${dead}0: 00000002 00000000 00010000 0001 01    99 /run/x.sock\n`, true],
    ['has a connected UNIX socket', tcp('01'), `${dead}0: 00000003 00000000 00000000 0001 03    99\n`, false],
  ])('%s', async (_, tcpTable, unixTable, listening) => {
    proc.write('7/net/tcp', tcpTable);
    proc.write('7/net/unix', unixTable);
    expect((await signsOf(7))?.listening).toBe(listening);
  });

  it('is not said to be deaf where its socket tables cannot be read', async () => {
    expect(await signsOf(7)).not.toHaveProperty('listening');
  });
});

it('a terminal that was closed under its reader has no peer', async () => {
  proc.put({ pid: 7, fds: { 0: ['/dev/pts/3 (deleted)', '02'] } });
  expect(await signsOf(7)).toMatchObject({ stdinPeer: 'dead', stdinChannel: '/dev/pts/3 (deleted)' });
  proc.put({ pid: 8, fds: { 0: ['/dev/pts/3', '02'] } });
  expect(await signsOf(8)).toMatchObject({ stdinPeer: 'none' });
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
