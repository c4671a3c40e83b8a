import type { Outcome } from '../../../src/model/index.ts';

const MIB = 1024 * 1024;
let serial = 0;

/** An outcome of force_gc that freed `freed` MiB of a 200 MiB process, measured to 2 MiB. */
export function outcome(freed: number | null, change: Partial<Outcome> = {}): Outcome {
  serial += 1;
  const endedAtMs = change.endedAtMs ?? 1_000_000;
  const reclaimedBytes = freed === null ? null : freed * MIB;
  return {
    id: `outcome-${serial}`,
    action: 'force_gc',
    origin: 'automation',
    risk: 'low',
    role: 'some-mcp',
    finding: 'v8-heap',
    startedAtMs: endedAtMs - 1000,
    endedAtMs,
    settledAfterMs: 500,
    before: {
      atMs: endedAtMs - 1000,
      rssBytes: 210 * MIB,
      pssBytes: 190 * MIB,
      swapBytes: 10 * MIB,
      heapUsedBytes: null,
      hostAvailableBytes: 4096 * MIB,
    },
    after: null,
    reclaimedBytes,
    counterfactualBytes: reclaimedBytes === null ? null : 0,
    errorBytes: reclaimedBytes === null ? null : 2 * MIB,
    result: freed === null ? 'failed' : freed > 4 ? 'helped' : freed < -4 ? 'harmful' : 'no-effect',
    targets: [],
    undo: { possible: false, reason: 'nothing to undo' },
    error: null,
    summary: '',
    ...change,
  };
}
