import type { Observation, ObservedProcess } from '../model/index.ts';

/**
 * A full collection takes about 1.5 ms per MB of small live objects (docs/leak-detection.md): at this size less than a
 * second, for which a client waits without a thought. What is larger is for a person to ask.
 */
const MAX_BYTES = 512 * 1024 * 1024;
/** A collection walks all of the heap: what lies in swap would be read back, and push others out. */
const MAX_SWAPPED_SHARE = 0.1;

/** Suspects of which a full collection would tell more now, the fastest growing first. None while memory is short. Pure. */
export function toConfirm({ atMs, severity, limit, processes }: Observation): ObservedProcess[] {
  if (severity !== 'ok') return [];
  const rate = ({ leak }: ObservedProcess): number => leak?.finding.ratePerHourBytes ?? 0;
  return processes
    .filter(({ leak, runtime, footprintBytes, swapBytes }) => {
      if (runtime !== 'node' || leak?.confirmAtMs == null || leak.confirmAtMs > atMs) return false;
      if (footprintBytes > MAX_BYTES || (swapBytes ?? 0) > footprintBytes * MAX_SWAPPED_SHARE) return false;
      // It compacts: for a moment there may be two of what lives.
      return limit.headroomBytes !== null && limit.headroomBytes >= footprintBytes;
    })
    .toSorted((a, b) => rate(b) - rate(a));
}
