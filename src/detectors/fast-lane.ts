import { defineDetector, type Profile } from './define.ts';

const BLOCKS = 24;
/** Width of a block, s: 24 of them look back 12 minutes at a service, 48 s at a program run. */
const WIDTH_S: Readonly<Record<Profile, number>> = { service: 30, run: 2 };
/** Rise over the start of the window that is worth alarm by its size alone. */
const MIN_SHARE: Readonly<Record<Profile, number>> = { service: 0.25, run: 0.1 };
const MIN_RISE_BYTES: Readonly<Record<Profile, number>> = { service: 64e6, run: 5e6 };
/** A line that explains nine tenths of the variance: neither saw-tooth nor steps. */
const MIN_R2 = 0.9;
/** Saturating growth halves its pace from one half of the window to the next; a leak keeps it. */
const MIN_PACE = 0.6;

/**
 * Fast lane: strong, straight growth in the last minutes. The scales of sustained growth need hours; a process that eats
 * 10 MB/s does not last so long. By itself it only makes a suspicion: a cache may fill as straight.
 */
export const fastLane = defineDetector({
  name: 'fast-growth',
  title: 'memory climbs fast and straight',
  needs: ['rssBytes'],
  start: ({ profile }) => {
    const width = WIDTH_S[profile];
    const t = new Float32Array(BLOCKS);
    const x = new Float32Array(BLOCKS);
    let n = 0;
    let start = 0;
    let least = Number.POSITIVE_INFINITY;
    let open = false;

    const line = (from: number, to: number): { slope: number; r2: number } => {
      const m = to - from;
      let mt = 0;
      let mx = 0;
      for (let i = from; i < to; i++) {
        mt += t[i]! / m;
        mx += x[i]! / m;
      }
      let tt = 0;
      let tx = 0;
      let xx = 0;
      for (let i = from; i < to; i++) {
        tt += (t[i]! - mt) ** 2;
        tx += (t[i]! - mt) * (x[i]! - mx);
        xx += (x[i]! - mx) ** 2;
      }
      return { slope: tx / tt, r2: xx > 0 ? (tx * tx) / (tt * xx) : 0 };
    };
    return {
      push({ tSeconds, footprintBytes }) {
        if (open && tSeconds - start >= width) {
          if (n === BLOCKS) {
            t.copyWithin(0, 1);
            x.copyWithin(0, 1);
            n--;
          }
          t[n] = start;
          x[n] = least;
          n++;
          open = false;
        }
        if (!open) {
          start = tSeconds;
          least = Number.POSITIVE_INFINITY;
          open = true;
        }
        least = Math.min(least, footprintBytes);
      },
      evidence() {
        // Loading and first use are warm-up: a young process is judged from its second quarter on.
        const first = n < BLOCKS ? n >> 2 : 0;
        const m = n - first;
        if (m < 12) {
          const reason = `needs ${12 * width} s of samples after warm-up`;
          return {
            name: 'fast-growth',
            score: null,
            detected: false,
            evidence: { ratePerHourBytes: null, r2: null, pace: null },
            reason,
          };
        }
        const { slope, r2 } = line(first, n);
        const half = m >> 1;
        const early = line(first, first + half).slope;
        const late = line(n - half, n).slope;
        const rise = slope * (t[n - 1]! - t[first]!);
        const pace = early > 0 ? late / early : late > 0 ? 1 : 0;
        const strong = rise >= MIN_RISE_BYTES[profile] && rise >= MIN_SHARE[profile] * x[first]!;
        const detected = strong && r2 >= MIN_R2 && pace >= MIN_PACE;
        return {
          name: 'fast-growth',
          score: slope <= 0 ? 0 : detected ? r2 : Math.min(0.5, r2 * Math.min(1, rise / MIN_RISE_BYTES[profile]) * 0.5),
          detected,
          evidence: { ratePerHourBytes: slope * 3600, r2, pace },
          reason: detected
            ? `${Math.round(rise / 1e6)} MB in ${Math.round(t[n - 1]! - t[first]!)} s, along a straight line`
            : 'no fast, straight growth',
        };
      },
      stateBytes: BLOCKS * 8 + 4 * 8,
    };
  },
});
