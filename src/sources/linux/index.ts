import type { Clock, Footprint, Source } from '../../model/index.ts';
import { createBootClock } from './boot-clock.ts';
import { createCapabilities } from './capabilities.ts';
import { createCgroupReader } from './cgroup-reader.ts';
import { maxKeptDescriptors } from './descriptor-limit.ts';
import { createDiscovery } from './discovery.ts';
import { createFactsReader } from './facts.ts';
import { createFootprintReader } from './footprint.ts';
import { createHostReader } from './host.ts';
import { createLifeSignsReader } from './life-signs.ts';
import { createProcIo } from './proc-io.ts';
import { createProcessTable } from './process-table.ts';
import { createSampler } from './sampler.ts';
import { readKernelUnits } from './units.ts';

export interface LinuxSourceOptions {
  readonly clock: Clock;
  readonly procRoot?: string | undefined;
  readonly cgroupRoot?: string | undefined;
  /** Time that reading PSS may take, ms per second of wall time; 1 ms/s is 0.1 % of a core, about two processes. */
  readonly pssBudgetMsPerSecond?: number | undefined;
  /** Upper bound of kept descriptors; the default follows RLIMIT_NOFILE. */
  readonly maxDescriptors?: number | undefined;
}

const DEFAULT_PSS_BUDGET = 1;

/** procfs by kept descriptors: about 3 µs a look, no native code, no child process. */
export function createLinuxSource(options: LinuxSourceOptions): Source {
  const {
    clock,
    procRoot = '/proc',
    cgroupRoot = '/sys/fs/cgroup',
    pssBudgetMsPerSecond = DEFAULT_PSS_BUDGET,
  } = options;
  const io = createProcIo();
  const units = readKernelUnits();
  const maxDescriptors = options.maxDescriptors ?? maxKeptDescriptors(io, procRoot);
  const table = createProcessTable({ io, clock, procRoot, units, maxDescriptors });
  const discovery = createDiscovery(io, procRoot);
  const host = createHostReader(io, clock, procRoot);
  const cgroups = createCgroupReader(io, procRoot, cgroupRoot);
  const footprints = createFootprintReader({ io, clock, procRoot, table, budgetMsPerSecond: pssBudgetMsPerSecond });
  const boot = createBootClock(io, clock, procRoot, units.tickMs);
  const facts = createFactsReader({ io, procRoot, table, cgroups, boot });
  const lifeSigns = createLifeSignsReader({ io, procRoot, table });
  const sample = createSampler({ io, clock, procRoot, table, discovery, host, cgroups, footprints });
  const capabilities = createCapabilities({ io, procRoot, units, table, cgroups, maxDescriptors });

  return {
    name: 'linux',
    sample: async ({ complete = false } = {}) => sample(complete),
    facts: async (process) => facts.read(process),
    async footprint(process): Promise<Footprint | null> {
      const rollup = await footprints.readNow(process.pid);
      if (rollup === null || !table.isSame(process)) return null;
      const footprint = { ...rollup, atMs: clock.nowMs() };
      table.keepFootprint(process, footprint);
      return footprint;
    },
    lifeSigns: async (processes, { thorough = false } = {}) => lifeSigns(processes, thorough),
    cgroupMemory: async (path) => cgroups.at(path),
    capabilities: async () => capabilities(),
    async close() {
      table.close();
      discovery.close();
      host.close();
    },
  };
}
