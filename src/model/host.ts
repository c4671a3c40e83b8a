/** Stall shares from `/proc/pressure/memory` or a cgroup's `memory.pressure`. */
export interface Pressure {
  /** Share of the last 10 s in which some (all) runnable tasks waited for memory, in percent. */
  readonly someAvg10Percent: number;
  readonly fullAvg10Percent: number;
  /** Total stall since boot, µs: differences give the exact share of any window. */
  readonly someTotalUs: number;
  readonly fullTotalUs: number;
}

/** A memory cgroup's figures; `limitBytes` null: no limit set. */
export interface CgroupMemory {
  readonly path: string;
  readonly version: 1 | 2;
  readonly limitBytes: number | null;
  /** `memory.high` (v2): above it the kernel throttles and reclaims. */
  readonly highBytes: number | null;
  readonly swapLimitBytes: number | null;
  /** Usage without inactive page cache, the figure Kubernetes calls the working set. */
  readonly workingSetBytes: number;
  readonly oomKills: number | null;
}

/** The machine (or the container that looks like one) at a moment. */
export interface HostSample {
  readonly atMs: number;
  readonly memoryTotalBytes: number;
  /** What can be had without swapping (MemAvailable). Free memory alone says nothing: page cache fills it. */
  readonly memoryAvailableBytes: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
  readonly pressure: Pressure | null;
  /** The tightest limited memory cgroup around this process, if any. */
  readonly cgroup: CgroupMemory | null;
  readonly cpuCount: number;
  /** Names of null fields → why. */
  readonly unknown: Readonly<Record<string, string>>;
}
