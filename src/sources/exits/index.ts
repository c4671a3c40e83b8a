import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import type { Clock, DeathCapability, DeathTraces } from '../../model/index.ts';
import { readJournal, systemJournal } from './journal.ts';
import { readKernelLog } from './kernel-log.ts';
import { leftFiles } from './left-files.ts';
import { createOomCounters } from './oom-counters.ts';

export { openWitness } from './witness.ts';
export { runsNow, zombieStatus } from './stat-file.ts';

export interface DeathTracesOptions {
  readonly clock: Clock;
  readonly procRoot?: string | undefined;
  readonly cgroupRoot?: string | undefined;
  readonly kmsg?: string | undefined;
  readonly journalctl?: string | undefined;
  readonly journalDirectories?: readonly string[] | undefined;
}

/** What this machine lets us read of deaths. On other systems than Linux the files do not exist, and all is null. */
export function createDeathTraces(options: DeathTracesOptions): DeathTraces {
  const { clock, procRoot = '/proc', cgroupRoot = '/sys/fs/cgroup', kmsg = '/dev/kmsg' } = options;
  const journal = (what: 'kernel' | 'daemons', fromMs: number, toMs: number) =>
    readJournal(what, fromMs, toMs, options.journalctl, options.journalDirectories);
  const counters = createOomCounters({ clock, procRoot, cgroupRoot });
  return {
    counters,
    kernelLog: async (fromMs, toMs) => readKernelLog(clock, fromMs, toMs, kmsg) ?? journal('kernel', fromMs, toMs),
    daemonLog: (fromMs, toMs) => journal('daemons', fromMs, toMs),
    files: leftFiles,
    capabilities: async () => {
      const found = systemJournal(options.journalDirectories);
      return [oomCount(counters([]).host), kernelLog(isReadable(kmsg) || found === 'open'), daemonLog(found), cores()];
    },
  };
}

function oomCount(count: number | null): DeathCapability {
  return count === null
    ? {
        name: 'oom-count',
        works: false,
        detail: 'the kernel does not count its OOM kills: they can only be guessed',
        fix: 'Linux 4.13 or later has oom_kill in /proc/vmstat.',
      }
    : { name: 'oom-count', works: true, detail: `the kernel counted ${count} OOM kills since boot`, fix: null };
}

function kernelLog(works: boolean): DeathCapability {
  return {
    name: 'kernel-log',
    works,
    detail: works ? 'names the victims of the OOM killer and faults' : 'may not be read: OOM victims are not named',
    fix: works ? null : 'Join the group adm or systemd-journal, or set kernel.dmesg_restrict=0.',
  };
}

function daemonLog(found: ReturnType<typeof systemJournal>): DeathCapability {
  const name = 'oom-daemons';
  if (found === 'open')
    return { name, works: true, detail: 'systemd-oomd and earlyoom are read in the journal', fix: null };
  if (found === 'none') return { name, works: null, detail: 'no journal of systemd here, where they write', fix: null };
  const fix = 'Join the group adm or systemd-journal: sudo usermod -aG systemd-journal $USER, then log in anew.';
  return { name, works: false, detail: 'the journal of the system may not be read by this user', fix };
}

function cores(): DeathCapability {
  let pattern = '';
  try {
    pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  } catch {
    // Not Linux, or hidden: nothing to tell.
  }
  const detail = pattern.startsWith('|')
    ? `core dumps go to ${pattern.slice(1).split(' ')[0]}`
    : existsSync('/proc')
      ? 'core dumps, where allowed, stay in the working directory of the process'
      : 'core dumps are not looked for here';
  return { name: 'core-dumps', works: true, detail, fix: null };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    // The node exists for everybody; only opening tells whether dmesg_restrict lets us.
    return readKernelLog({ nowMs: () => 0, monotonicMs: () => 0 }, 1, 0, path) !== null;
  } catch {
    return false;
  }
}
