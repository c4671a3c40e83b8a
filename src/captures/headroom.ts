import { RampartError } from '../model/index.ts';

/**
 * What V8 needs while it writes a snapshot: measured up to 20 times the used heap (many small objects), and the process
 * does not give it back. Below that the snapshot may end the process, or another one, by the kernel's OOM killer.
 */
export const HEADROOM_FACTOR = 20;

export interface Headroom {
  /** Used bytes of the heap that is to be written. */
  readonly heapUsedBytes: number;
  /** MemAvailable: what the machine can give without swapping. */
  readonly hostAvailableBytes: number;
  /** What its memory cgroup has left under its binding limit; null: it has none. */
  readonly cgroupRoomBytes: number | null;
}

/** Throws 'unsupported' when there is less room than a snapshot may need. */
export function checkHeadroom({ heapUsedBytes, hostAvailableBytes, cgroupRoomBytes }: Headroom): void {
  const needed = heapUsedBytes * HEADROOM_FACTOR;
  const room = Math.min(hostAvailableBytes, cgroupRoomBytes ?? Number.POSITIVE_INFINITY);
  if (room >= needed) return;
  const where = room === cgroupRoomBytes ? "in the process's cgroup" : 'on this machine';
  throw new RampartError(
    'unsupported',
    `a heap snapshot may need ${mebibytes(needed)} (${HEADROOM_FACTOR} times the used heap), and ${mebibytes(room)} are free ${where}`,
    'Take the light capture instead: it names the growing functions and costs next to nothing.',
  );
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
