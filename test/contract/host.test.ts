import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/actions/host/host.ts';
import { parseIdentity, parsePsIdentity } from '../../src/actions/host/parse-identity.ts';
import { createHost } from '../../src/actions/host/real-host.ts';
import type { ProcessId } from '../../src/model/index.ts';
import { createFakeHost } from '../support/actions/fake-host.ts';
import { createFakeClock } from '../support/service/fake-source.ts';
import { until } from '../support/service/sandbox.ts';

/** A host, and a way to start a process on it. */
interface Bench {
  readonly host: Host;
  readonly start: () => Promise<ProcessId>;
  readonly end: () => Promise<void>;
}

function realBench(): Bench {
  const host = createHost();
  const children: ChildProcess[] = [];
  return {
    host,
    start: async () => {
      const child = spawn('sleep', ['60'], { stdio: 'ignore' });
      children.push(child);
      const pid = child.pid ?? 0;
      // Between fork and exec it still is a copy of this process.
      await until('it runs', () => readFileSync(`/proc/${pid}/comm`, 'latin1').startsWith('sleep'));
      const identity = host.identity(pid);
      if (identity === null) throw new Error('no identity');
      return { pid, startTime: identity.startTime };
    },
    end: async () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

function fakeBench(): Bench {
  const host = createFakeHost(createFakeClock(), process.geteuid?.() ?? 0);
  let pid = 100;
  return { host, start: async () => host.add((pid += 1)), end: async () => undefined };
}

const benches: readonly [string, () => Bench][] = [
  ['of plain objects', fakeBench],
  ...(process.platform === 'linux' ? [['of this machine', realBench] as [string, () => Bench]] : []),
];

describe.each(benches)('a host %s', (_, open) => {
  let bench: Bench | null = null;
  const opened = (): Bench => (bench = open());
  afterEach(() => bench?.end());

  it('knows who a pid is', async () => {
    const { host, start } = opened();
    const process = await start();
    expect(host.identity(process.pid)).toMatchObject({ ...process, isZombie: false, isStopped: false, uid: host.uid });
    expect(host.identity(4_000_000)).toBeNull();
  });

  it('signals the very process, and no other with its pid', async () => {
    const { host, start } = opened();
    const process = await start();
    const stranger = { ...process, startTime: process.startTime + 1 };
    expect(host.signal(stranger, 'SIGKILL')).toBe('identity-changed');
    expect(host.signal({ pid: 4_000_000, startTime: 1 }, 'SIGKILL')).toBe('gone');
    expect(host.signal(process, 'SIGSTOP')).toBe('sent');
    await until('it stands', () => host.identity(process.pid)?.isStopped === true);
    expect(host.signal(process, 'SIGCONT')).toBe('sent');
    expect(host.signal(process, 'SIGKILL')).toBe('sent');
    await until('it is gone', () => host.identity(process.pid)?.isZombie !== false);
    expect(host.signal(process, 'SIGTERM')).toBe('gone');
  });

  it('raises a score, puts it back, and never touches that of another with the pid', async () => {
    const { host, start } = opened();
    const process = await start();
    const stranger = { ...process, startTime: process.startTime + 1 };
    const before = host.oomScoreAdj(process) ?? Number.NaN;
    expect(host.writeOomScoreAdj(stranger, 700)).toBe('identity-changed');
    expect(host.oomScoreAdj(stranger)).toBeNull();
    expect(host.writeOomScoreAdj(process, before + 100)).toBe('sent');
    expect(host.oomScoreAdj(process)).toBe(before + 100);
    expect(host.writeOomScoreAdj(process, before)).toBe('sent');
    expect(host.oomScoreAdj(process)).toBe(before);
  });
});

describe.runIf(process.platform === 'linux')('the real host', () => {
  it.runIf(process.getuid?.() === 0)("leaves another user's processes alone, also as root", async () => {
    const host = createHost();
    const child = spawn('sleep', ['60'], { stdio: 'ignore', uid: 65_534, gid: 65_534 });
    const pid = child.pid ?? 0;
    try {
      const identity = host.identity(pid);
      expect(identity?.uid).toBe(65_534);
      expect(host.signal({ pid, startTime: identity?.startTime ?? 0 }, 'SIGKILL')).toBe('other-user');
      expect(host.writeOomScoreAdj({ pid, startTime: identity?.startTime ?? 0 }, 700)).toBe('other-user');
      expect(host.identity(pid)?.isZombie).toBe(false);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('reads a name that plays a stat line, and a zombie', () => {
    const tail = ' S 7 8 8 0 -1 4194560 1 0 0 0 3 4 0 0 20 0 1 0 4711 1000 10 18446744073709551615';
    const status = 'Name:\ta) R 1 (x\nUid:\t1000\t1001\t1000\t1000\n';
    const found = parseIdentity(`42 (a) R 1 (x)${tail}\n`, status);
    expect(found).toMatchObject({ pid: 42, ppid: 7, startTime: 4711, uid: 1000, effectiveUid: 1001, cpuMs: 70 });
    expect(parseIdentity(`42 (x)${tail.replace(' S', ' Z')}\n`, status)?.isZombie).toBe(true);
    expect(parseIdentity('42 (x', status)).toBeNull();
    expect(parsePsIdentity('')).toBeNull();
  });

  it('reads what ps says, where that is all there is', () => {
    const columns = 'pid=,ppid=,ruid=,uid=,state=,lstart=';
    const text = execFileSync('ps', ['-o', columns, '-p', String(process.pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    const found = parsePsIdentity(text);
    expect(found).toMatchObject({ pid: process.pid, ppid: process.ppid, uid: process.getuid?.(), isZombie: false });
    expect(Math.abs((found?.startTime ?? 0) - (Date.now() - process.uptime() * 1000))).toBeLessThan(60_000);
  });

  it('reads and writes a cgroup v2 hierarchy, here one of plain files', () => {
    const root = mkdtempSync(join(tmpdir(), 'rampart-cg-'));
    try {
      const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
      mkdirSync(join(root, path), { recursive: true });
      writeFileSync(join(root, path, 'cgroup.controllers'), 'memory pids\n');
      writeFileSync(join(root, path, 'memory.max'), 'max\n');
      const host = createHost({ cgroupRoots: ['/nowhere', root] });
      const own = { pid: process.pid, startTime: host.identity(process.pid)?.startTime ?? 0 };
      const place = host.cgroup(own);
      expect(place).toEqual({ root, path, hasMemory: true });
      if (place === null) throw new Error('no cgroup');
      expect(host.writeCgroup(place, 'memory.max', '1048576')).toBe('ok');
      expect(host.readCgroup(place, 'memory.max')).toBe('1048576');
      expect(host.readCgroup(place, 'memory.high')).toBeNull();
      const inner = { ...place, path: join(path, 'rampart-1') };
      expect([host.makeCgroup(inner), host.makeCgroup(inner)]).toEqual(['ok', { problem: 'EEXIST' }]);
      expect(host.removeCgroup(inner)).toBe('ok');
      expect(host.writeCgroup(inner, 'memory.max', '1')).toEqual({ problem: 'ENOENT' });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
