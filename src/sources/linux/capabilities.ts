import { availableParallelism } from 'node:os';
import type { Capability } from '../../model/index.ts';
import type { CgroupReader } from './cgroup-reader.ts';
import { openFilesLimit } from './descriptor-limit.ts';
import { parseRollup } from './parse-text.ts';
import { DENIED, type ProcIo } from './proc-io.ts';
import type { ProcessTable } from './process-table.ts';
import type { KernelUnits } from './units.ts';

export interface CapabilityParts {
  readonly io: ProcIo;
  readonly procRoot: string;
  readonly units: KernelUnits;
  readonly table: ProcessTable;
  readonly cgroups: CgroupReader;
  readonly maxDescriptors: number;
}

/** What can be seen here; each line is one function, so that `doctor` says all of it, always in the same order. */
export function createCapabilities(parts: CapabilityParts): () => readonly Capability[] {
  const checks = [procfs, otherUsers, rollup, drift, pressure, sockets, cgroup, swap, descriptors, unitsOrigin];
  return () => checks.map((check) => check(parts));
}

function procfs({ io, procRoot }: CapabilityParts): Capability {
  const works = io.read(`${procRoot}/self/statm`) > 0;
  return works
    ? yes('processes', 'memory and CPU time of processes are read from /proc')
    : no('processes', `${procRoot} does not show this process`, 'Mount procfs: mount -t proc proc /proc');
}

/** hidepid=2 shows only own processes, hidepid=1 lists the others but closes them; pid 1 belongs to root. */
function otherUsers({ io, procRoot }: CapabilityParts): Capability {
  const name = 'other-users';
  const init = io.read(`${procRoot}/1/stat`);
  if (init <= 0) {
    return no(
      name,
      init === DENIED
        ? 'processes of other users are listed but closed (hidepid=1)'
        : 'only own processes are visible (hidepid=2)',
      'Own agents are seen all the same. To see all: mount -o remount,hidepid=0 /proc, or join the group of its gid= option',
    );
  }
  if (io.link(`${procRoot}/1/exe`) !== DENIED) return yes(name, 'everything of all users (root or ptrace rights)');
  return process.getuid?.() === 0
    ? no(name, 'root, but without the right to look into every process', 'Give the container CAP_SYS_PTRACE')
    : no(
        name,
        'RSS and command lines of all users; PSS, environment, paths and stdin of own processes only',
        'Agents of other users: run Rampart as their user',
      );
}

function rollup({ io, procRoot }: CapabilityParts): Capability {
  const name = 'pss';
  const length = io.read(`${procRoot}/self/smaps_rollup`);
  if (length > 0 && parseRollup(io.bytes.toString('latin1', 0, length)) !== null) {
    return yes(name, 'PSS, USS and swap of a process in one short file');
  }
  return io.read(`${procRoot}/self/smaps`) > 0
    ? { name, works: true, detail: 'PSS from smaps, at several times the cost', fix: 'Linux ≥ 4.14 has smaps_rollup' }
    : no(name, 'no smaps: PSS, USS and swap of processes are not known', 'The kernel needs CONFIG_PROC_PAGE_MONITOR');
}

/** Since Linux 6.2 RSS is counted per CPU and summed loosely: each CPU may hold back some pages. */
const MANY_CPUS = 32;
const NOTABLE_DRIFT = 0.05;

function drift({ io, procRoot, units }: CapabilityParts): Capability {
  const name = 'rss-exact';
  const cpus = availableParallelism();
  if (cpus < MANY_CPUS) return yes(name, `${cpus} CPUs: the kernel's RSS counters are exact enough`);
  const length = io.read(`${procRoot}/self/statm`);
  const pages = length < 0 ? Number.NaN : Number(io.bytes.toString('latin1', 0, length).split(' ')[1]);
  const rollupLength = io.read(`${procRoot}/self/smaps_rollup`);
  const exact = rollupLength < 0 ? null : parseRollup(io.bytes.toString('latin1', 0, rollupLength));
  const off = exact === null ? Number.NaN : Math.abs(pages * units.pageBytes - exact.rssBytes) / exact.rssBytes;
  return off <= NOTABLE_DRIFT
    ? yes(name, `${cpus} CPUs, RSS within ${(off * 100).toFixed(1)} % of smaps_rollup for this process`)
    : no(
        name,
        `${cpus} CPUs: RSS may be off by tens of MB a process`,
        'Trust PSS and USS, which are counted page by page',
      );
}

function pressure({ io, procRoot }: CapabilityParts): Capability {
  return io.read(`${procRoot}/pressure/memory`) > 0
    ? yes('pressure', 'stall time from /proc/pressure/memory')
    : no(
        'pressure',
        'no pressure stall information',
        'Boot with psi=1 (kernel with CONFIG_PSI); until then MemAvailable alone decides',
      );
}

function sockets({ io, procRoot }: CapabilityParts): Capability {
  return io.read(`${procRoot}/net/unix`) > 0
    ? yes(
        'dead-clients',
        'a dead stdio client shows in /proc/net/unix (sockets of other network namespaces: in their own table)',
      )
    : no(
        'dead-clients',
        '/proc/net/unix cannot be read: a dead stdio client does not show',
        'Run outside of a sandbox that hides /proc/net',
      );
}

function cgroup({ cgroups }: CapabilityParts): Capability {
  return cgroups.version === null
    ? no(
        'cgroup',
        'no memory cgroups are mounted: limits of containers are not known',
        'Mount cgroup2 at /sys/fs/cgroup',
      )
    : yes('cgroup', `memory limits from cgroup v${cgroups.version}`);
}

function swap({ io, procRoot }: CapabilityParts): Capability {
  const length = io.read(`${procRoot}/swaps`);
  const devices = length < 0 ? 0 : io.bytes.toString('latin1', 0, length).trimEnd().split('\n').length - 1;
  return devices > 0
    ? yes('swap', `${devices} swap device${devices === 1 ? '' : 's'}: swapped memory counts in each bill`)
    : yes('swap', 'no swap: what does not fit into RAM is killed at once');
}

function descriptors({ io, procRoot, table, maxDescriptors }: CapabilityParts): Capability {
  const limit = openFilesLimit(io, procRoot);
  const over = table.byPid.size - table.keptDescriptors();
  return over <= 0
    ? yes('descriptors', `${table.keptDescriptors()} of at most ${maxDescriptors} kept files (limit ${limit})`)
    : no(
        'descriptors',
        `${over} processes are over the ${maxDescriptors} kept files and cost more to read`,
        'Raise the limit: ulimit -n 16384',
      );
}

function unitsOrigin({ units }: CapabilityParts): Capability {
  const { pageBytes, tickMs, origin } = units;
  return origin === 'auxv'
    ? yes('units', `pages of ${pageBytes} bytes, ticks of ${tickMs} ms, as the kernel told this process`)
    : no('units', `pages of ${pageBytes} bytes and ticks of ${tickMs} ms are assumed`, 'Make /proc/self/auxv readable');
}

function yes(name: string, detail: string): Capability {
  return { name, works: true, detail, fix: null };
}

function no(name: string, detail: string, fix: string): Capability {
  return { name, works: false, detail, fix };
}
