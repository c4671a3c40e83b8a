import { execFile, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessId } from '../../model/index.ts';
import type { Host, Identity, Ran, SignalName, Touch, Written } from './host.ts';
import { parseIdentity, parsePsIdentity } from './parse-identity.ts';

export interface RealHostOptions {
  readonly procRoot?: string;
  /** Where the cgroup v2 hierarchy with the memory controller may be: systemd's place, and that of its hybrid layout. */
  readonly cgroupRoots?: readonly string[];
  readonly platform?: NodeJS.Platform;
}

/** Linux reads procfs; elsewhere `ps` is asked (macOS untried; Windows has no signals to send and refuses). */
export function createHost(options: RealHostOptions = {}): Host {
  const procRoot = options.procRoot ?? '/proc';
  const cgroupRoots = options.cgroupRoots ?? ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
  const platform = options.platform ?? process.platform;
  const ownUid = process.geteuid?.() ?? null;
  const identity = platform === 'linux' ? (pid: number) => linuxIdentity(procRoot, pid) : psIdentity;

  /** Null: it may be touched. */
  const objection = (target: ProcessId): Exclude<Touch, 'sent'> | null => {
    const now = identity(target.pid);
    if (now === null) return 'gone';
    if (now.startTime !== target.startTime) return 'identity-changed';
    if (now.isZombie) return 'gone';
    return ownUid !== null && (now.uid !== ownUid || now.effectiveUid !== ownUid) ? 'other-user' : null;
  };

  return {
    platform,
    uid: ownUid,
    ownPid: process.pid,
    identity,
    signal: (target, signal) => objection(target) ?? send(target.pid, signal),
    oomScoreAdj: (target) => {
      const text = readText(join(procRoot, String(target.pid), 'oom_score_adj'));
      const value = text === null ? Number.NaN : Number.parseInt(text, 10);
      return Number.isInteger(value) && objection(target) === null ? value : null;
    },
    writeOomScoreAdj: (target, value) => writeOomScoreAdj(procRoot, target, value, objection),
    cgroup: (target) => {
      const text = readText(join(procRoot, String(target.pid), 'cgroup'));
      const path = text === null ? undefined : /^0::(\/.*)$/m.exec(text)?.[1];
      if (path === undefined || objection(target) === 'identity-changed') return null;
      const places = cgroupRoots.map((root) => ({
        root,
        path,
        controllers: readText(join(root, path, 'cgroup.controllers')),
      }));
      const found = places.find(({ controllers }) => controllers !== null);
      if (found === undefined) return null;
      return { root: found.root, path, hasMemory: /\bmemory\b/.test(found.controllers ?? '') };
    },
    readCgroup: (place, file) => readText(join(place.root, place.path, file)),
    writeCgroup: (place, file, text) =>
      attempt(() => {
        const fd = openSync(join(place.root, place.path, file), 'w');
        try {
          writeSync(fd, text);
        } finally {
          closeSync(fd);
        }
      }),
    makeCgroup: (place) => attempt(() => mkdirSync(join(place.root, place.path))),
    removeCgroup: (place) => attempt(() => rmdirSync(join(place.root, place.path))),
    run: (command, args, timeoutMs) => run(command, args, timeoutMs),
    sleep: (ms) => sleep(ms),
  };
}

function linuxIdentity(procRoot: string, pid: number): Identity | null {
  const stat = readText(join(procRoot, String(pid), 'stat'));
  const status = stat === null ? null : readText(join(procRoot, String(pid), 'status'));
  if (stat === null || status === null) return null;
  const found = parseIdentity(stat, status);
  // Two files by path: the second `stat` says that the pid was one process's all the while.
  const again = readText(join(procRoot, String(pid), 'stat'));
  if (found === null || again === null) return null;
  return parseIdentity(again, status)?.startTime === found.startTime ? found : null;
}

function psIdentity(pid: number): Identity | null {
  const { status, stdout } = spawnSync('ps', ['-o', 'pid=,ppid=,ruid=,uid=,state=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    timeout: 2_000,
  });
  return status === 0 ? parsePsIdentity(stdout) : null;
}

function send(pid: number, signal: SignalName): Touch {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ESRCH' ? 'gone' : 'not-permitted';
  }
}

/** The descriptor is bound to the process that had the pid when it was opened: checked after that, it can be no other. */
function writeOomScoreAdj(
  procRoot: string,
  target: ProcessId,
  value: number,
  objection: (target: ProcessId) => Touch | null,
): Touch {
  let fd: number;
  try {
    fd = openSync(join(procRoot, String(target.pid), 'oom_score_adj'), 'r+');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : (objection(target) ?? 'not-permitted');
  }
  try {
    const no = objection(target);
    if (no !== null) return no;
    writeSync(fd, String(value));
    return 'sent';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : 'not-permitted';
  } finally {
    closeSync(fd);
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function attempt(write: () => void): Written {
  try {
    write();
    return 'ok';
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

/** Output of systemd's tools is a few lines; what is longer is not theirs. */
const MAX_OUTPUT_BYTES = 64 * 1024;

function run(command: string, args: readonly string[], timeoutMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' } as const;
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ status: typeof code === 'number' ? code : null, stdout, stderr });
    });
  });
}
