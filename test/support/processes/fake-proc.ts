import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A process as a fake `/proc` shows it; what is left out gets a harmless value. */
export interface FakeProcess {
  readonly pid: number;
  readonly startTime?: number;
  readonly comm?: string;
  readonly ppid?: number;
  readonly flags?: number;
  readonly state?: string;
  readonly residentPages?: number;
  readonly sharedPages?: number;
  readonly cpuTicks?: number;
  readonly stackStart?: number;
  readonly argv?: readonly string[];
  readonly environ?: string;
  readonly exe?: string;
  readonly cgroup?: string;
  readonly uid?: number;
  readonly threadOf?: number;
  /** Descriptor → link text, and its open flags (octal text). */
  readonly fds?: Readonly<Record<number, readonly [link: string, flags: string]>>;
}

export interface FakeProc {
  readonly root: string;
  /** Writes (or replaces) a process's directory. */
  put(process: FakeProcess): void;
  /** A file by its path under the root; '' as content makes it empty. */
  write(path: string, content: string): void;
  remove(pid: number): void;
  dispose(): void;
}

export function createFakeProc(): FakeProc {
  const root = mkdtempSync(join(tmpdir(), 'rampart-proc-'));
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const remove = (pid: number): void => rmSync(join(root, String(pid)), { recursive: true, force: true });
  write(
    'meminfo',
    'MemTotal: 1000000 kB\nMemFree: 1 kB\nMemAvailable: 500000 kB\nSwapTotal: 100 kB\nSwapFree: 60 kB\n',
  );
  write('self/smaps_rollup', rollup(1));
  write('stat', 'cpu  1 2 3\nbtime 1700000000\n');
  return {
    root,
    write,
    remove,
    put(process) {
      const { pid, ppid = 1, residentPages = 1000, sharedPages = 100 } = process;
      remove(pid);
      write(`${pid}/stat`, statLine(process));
      write(`${pid}/statm`, `${residentPages * 2} ${residentPages} ${sharedPages} 1 0 1 0\n`);
      const tgid = process.threadOf ?? pid;
      write(
        `${pid}/status`,
        `Name:\tx\nTgid:\t${tgid}\nPid:\t${pid}\nPPid:\t${ppid}\nUid:\t${process.uid ?? 0}\t0\t0\t0\n`,
      );
      write(`${pid}/cmdline`, (process.argv ?? ['program']).map((argument) => `${argument}\0`).join(''));
      write(`${pid}/environ`, process.environ ?? '');
      write(`${pid}/cgroup`, process.cgroup ?? '0::/\n');
      write(`${pid}/io`, 'rchar: 1234\nwchar: 1\n');
      write(`${pid}/smaps_rollup`, rollup(residentPages * 4));
      if (process.exe !== undefined) symlinkSync(process.exe, join(root, `${pid}/exe`));
      symlinkSync('/code/dir', join(root, `${pid}/cwd`));
      mkdirSync(join(root, `${pid}/fd`));
      for (const [fd, [link, flags]] of Object.entries(process.fds ?? {})) {
        symlinkSync(link, join(root, `${pid}/fd/${fd}`));
        write(`${pid}/fdinfo/${fd}`, `pos:\t0\nflags:\t${flags}\nmnt_id:\t1\n`);
      }
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function statLine(process: FakeProcess): string {
  const { pid, comm = 'program', state = 'S', ppid = 1, flags = 4194304, cpuTicks = 0, startTime = 100 } = process;
  const { stackStart = 140730551654912 } = process;
  const before = `${pid} (${comm}) ${state} ${ppid} ${pid} ${pid} 0 -1 ${flags} 1 2 3 4 ${cpuTicks} 0 0 0 20 0 1 0`;
  return `${before} ${startTime} 3133440 412 18446744073709551615 94490054971392 94490054991273 ${stackStart} 0 0 0 0 0 0\n`;
}

export function rollup(kilobytes: number): string {
  const lines = [
    '55b0e6c51000-7ffc62770000 ---p 00000000 00:00 0                          [rollup]',
    `Rss:            ${kilobytes} kB`,
    `Pss:            ${Math.floor(kilobytes / 2)} kB`,
    'Pss_Dirty:      1 kB',
    'Shared_Clean:   1 kB',
    'Private_Clean:  10 kB',
    'Private_Dirty:  20 kB',
    'Swap:           8 kB',
    'SwapPss:        4 kB',
  ];
  return `${lines.join('\n')}\n`;
}
