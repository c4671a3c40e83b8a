import { availableParallelism } from 'node:os';
import type { CgroupMemory, Clock, HostSample, Pressure } from '../../model/index.ts';
import type { ProcIo } from './proc-io.ts';
import { kilobytesAfter, parsePressureLine } from './parse-text.ts';

export interface HostReader {
  read(cgroup: CgroupMemory | null): HostSample;
  close(): void;
}

/** Reads `/proc/meminfo` and `/proc/pressure/memory` by kept descriptors; `os.freemem` counts page cache as used. */
export function createHostReader(io: ProcIo, clock: Clock, procRoot: string): HostReader {
  const meminfoFd = io.open(`${procRoot}/meminfo`);
  const pressureFd = io.open(`${procRoot}/pressure/memory`);
  const cpuCount = availableParallelism();

  const text = (fd: number): string | null => {
    if (fd < 0) return null;
    const length = io.readKept(fd);
    return length <= 0 ? null : io.bytes.toString('latin1', 0, length);
  };

  return {
    read(cgroup) {
      const meminfo = text(meminfoFd) ?? '';
      const pressureText = text(pressureFd);
      const pressure = pressureText === null ? null : parsePressure(pressureText);
      const unknown: Record<string, string> = {};
      if (pressure === null) unknown['pressure'] = 'the kernel has no pressure stall information (CONFIG_PSI, psi=1)';
      if (cgroup === null) unknown['cgroup'] = 'no memory cgroup with a limit is around this process';
      const available = availableBytes(meminfo, unknown);
      return {
        atMs: clock.nowMs(),
        memoryTotalBytes: kilobytesAfter(meminfo, 'MemTotal:') ?? missing('memoryTotalBytes', unknown),
        memoryAvailableBytes: available,
        swapTotalBytes: kilobytesAfter(meminfo, 'SwapTotal:') ?? missing('swapTotalBytes', unknown),
        swapFreeBytes: kilobytesAfter(meminfo, 'SwapFree:') ?? missing('swapFreeBytes', unknown),
        pressure,
        cgroup,
        cpuCount,
        unknown,
      };
    },
    close() {
      if (meminfoFd >= 0) io.close(meminfoFd);
      if (pressureFd >= 0) io.close(pressureFd);
    },
  };
}

export function parsePressure(text: string): Pressure | null {
  const some = parsePressureLine(text, 'some');
  const full = parsePressureLine(text, 'full');
  if (some === null || full === null) return null;
  return {
    someAvg10Percent: some.avg10,
    fullAvg10Percent: full.avg10,
    someTotalUs: some.totalUs,
    fullTotalUs: full.totalUs,
  };
}

/** MemAvailable is there since Linux 3.14; before, what it is mostly made of. */
function availableBytes(meminfo: string, unknown: Record<string, string>): number {
  const available = kilobytesAfter(meminfo, 'MemAvailable:');
  if (available !== null) return available;
  const free = kilobytesAfter(meminfo, 'MemFree:');
  if (free === null) return missing('memoryAvailableBytes', unknown);
  unknown['memoryAvailableBytes'] = 'no MemAvailable here: estimated as free + cache − shared memory';
  const cache = (kilobytesAfter(meminfo, 'Buffers:') ?? 0) + (kilobytesAfter(meminfo, 'Cached:') ?? 0);
  return Math.max(free, free + cache - (kilobytesAfter(meminfo, 'Shmem:') ?? 0));
}

/** The field is a plain number in every report: 0, and a reason that says not to use it. */
function missing(name: string, unknown: Record<string, string>): number {
  unknown[name] = '/proc/meminfo could not be read';
  return 0;
}
