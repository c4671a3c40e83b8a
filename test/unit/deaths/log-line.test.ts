import { describe, expect, test } from 'vitest';
import { decodeStatus, signalOf } from '../../../src/deaths/index.ts';
import { dumpedCore, earlyoomVictim, faulted, oomdKilled, oomVictim } from '../../../src/deaths/log-line.ts';

describe('lines of logs', () => {
  test.each([
    ['Out of memory: Killed process 1234 (node) total-vm:1kB, anon-rss:1kB', 1234],
    ['Memory cgroup out of memory: Killed process 7 (claude) total-vm:1kB', 7],
    ['Out of memory: Kill process 27541 (bash) score 572 or sacrifice child', 27541],
    ['Killed process 27541 (bash) total-vm:8118236kB, anon-rss:8098448kB', 27541],
    ['oom_reaper: reaped process 12 (node), now anon-rss:0kB', 12],
    ['node invoked oom-killer: gfp_mask=0x cc0, order=0, oom_score_adj=0', null],
    ['usb 1-1: Killed process 12 is my name', null],
  ])('%s', (text, pid) => expect(oomVictim(text)).toBe(pid));

  test.each([
    ['sending SIGTERM to process 12006 "python3": badness 209, VmRSS 2891 MiB', 12006],
    ['sending SIGKILL to process 696 uid 1001 "ipfs": oom_score 757', 696],
    ['killing process 27541 "bash" with signal 15: badness 550, VmRSS 7609 MiB', 27541],
    ["Killing process 'bash' with signal 15, pid: 5874, badness: 538, VmRSS: 3160 MiB", 5874],
    ['mem avail: 19 of 950 MiB', null],
  ])('%s', (text, pid) => expect(earlyoomVictim(text)).toBe(pid));

  test('systemd-oomd names a process, a cgroup or a unit', () => {
    const cgroup = '/user.slice/user-1000.slice/user@1000.service/app.slice/vte-1.scope';
    expect(oomdKilled('oomd attempting to kill 113 with KILL', 113, null)).toBe('pid');
    expect(oomdKilled(`Killed ${cgroup} due to memory pressure for /user.slice being 51.07% > 50.00%`, 1, cgroup)).toBe(
      'cgroup',
    );
    expect(oomdKilled('Marked /user.slice for killing due to memory used', 1, cgroup)).toBe('cgroup');
    expect(oomdKilled('vte-1.scope: systemd-oomd killed 12 process(es) in this unit.', 1, cgroup)).toBe('unit');
    expect(oomdKilled('vte-2.scope: systemd-oomd killed 12 process(es) in this unit.', 1, cgroup)).toBeNull();
    expect(oomdKilled('Killed /user due to x', 1, cgroup)).toBeNull();
  });

  test('faults and core dumps', () => {
    expect(faulted('node[77]: segfault at 0 ip 0 sp 0 error 4')).toEqual({ pid: 77, what: 'segfault' });
    expect(faulted('traps: a b[9]) c[77] trap int3 ip:55 sp:7f error:0 in node')).toMatchObject({ pid: 77 });
    expect(faulted('audit: type=1701 audit(1.2:3): auid=0 uid=0 pid=77 comm="node" exe="/n" sig=6 res=1')).toEqual({
      pid: 77,
      what: 'signal 6',
    });
    expect(dumpedCore('Process 1234 (node) of user 1000 dumped core.')).toBe(1234);
  });

  test('a status is split as wait(2) does', () => {
    expect(decodeStatus(3 << 8)).toEqual({ code: 3, signal: null, dumpedCore: false });
    expect(decodeStatus(9)).toEqual({ code: null, signal: 'SIGKILL', dumpedCore: false });
    expect(decodeStatus(6 | 0x80)).toEqual({ code: null, signal: 'SIGABRT', dumpedCore: true });
    expect(decodeStatus(64)).toMatchObject({ signal: 'SIG64' });
    expect(signalOf({ code: 143, signal: null })).toBe('SIGTERM');
    expect(signalOf({ code: 1, signal: null })).toBeNull();
  });
});
