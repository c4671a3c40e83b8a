import type { CdpConnection } from './cdp.ts';

/** 10 s for a million objects; nothing comes meanwhile but progress. */
const SNAPSHOT_TIMEOUT_MS = 15 * 60_000;
/** Chunks of 100 KB that wait to be written before the socket is no longer read. */
const MAX_WAITING = 64;

/** Streams V8's heap snapshot; the process stands still from the first word to the last. Answers with that time in ms. */
export async function takeSnapshot(
  cdp: CdpConnection,
  write: (chunk: string) => void | Promise<void>,
  onProgress: (done: number, total: number) => void,
): Promise<number> {
  const fromMs = performance.now();
  let waiting = 0;
  let failure: unknown = null;
  let last: Promise<void> = Promise.resolve();
  const fail = (error: unknown): void => {
    failure ??= error;
    // Ends the call below: there is no way to tell V8 to stop.
    cdp.drop();
  };
  const off = [
    cdp.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
      if (typeof chunk !== 'string' || failure !== null) return;
      waiting += 1;
      if (waiting >= MAX_WAITING) cdp.pause();
      last = last
        .then(() => write(chunk))
        .then(() => {
          waiting -= 1;
          if (waiting === 0) cdp.resume();
        })
        .catch(fail);
    }),
    cdp.on('HeapProfiler.reportHeapSnapshotProgress', ({ done, total }) => {
      if (typeof done === 'number' && typeof total === 'number') onProgress(done, total);
    }),
  ];
  try {
    await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: true }, SNAPSHOT_TIMEOUT_MS);
    const pauseMs = performance.now() - fromMs;
    await last;
    if (failure !== null) throw failure;
    return Math.round(pauseMs);
  } catch (error) {
    throw failure ?? error;
  } finally {
    for (const stop of off) stop();
  }
}
