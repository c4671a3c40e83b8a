import type { Cdp } from './cdp.ts';
import { createTalk } from './cdp.ts';

/** A worker thread, spoken to through its process. */
export interface WorkerTalk {
  readonly name: string;
  readonly cdp: Cdp;
}

/** Node tells of running workers before it answers `enable`; more than this are left out. */
const MAX_WORKERS = 64;

/**
 * The worker threads of a process: each has an isolate and a heap of its own, which `process.memoryUsage()` of the main
 * thread does not count. Through the NodeWorker domain; nothing is held back in them (`waitForDebuggerOnStart: false`).
 */
export async function openWorkers(
  cdp: Cdp,
): Promise<{ readonly workers: readonly WorkerTalk[]; close(): Promise<void> }> {
  const workers: WorkerTalk[] = [];
  const talks = new Map<string, ReturnType<typeof createTalk>>();
  const off = [
    cdp.on('NodeWorker.attachedToWorker', ({ sessionId, workerInfo }) => {
      if (typeof sessionId !== 'string' || talks.size >= MAX_WORKERS) return;
      const talk = createTalk((message) => {
        // A worker that has ended meanwhile: its calls run into their timeouts.
        cdp.send('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(() => undefined);
      });
      talks.set(sessionId, talk);
      const title = (workerInfo as { title?: unknown } | undefined)?.title;
      workers.push({ name: typeof title === 'string' ? title : 'worker', cdp: talk });
    }),
    cdp.on('NodeWorker.receivedMessageFromWorker', ({ sessionId, message }) => {
      if (typeof message === 'string') talks.get(String(sessionId))?.hear(message);
    }),
  ];
  await cdp.send('NodeWorker.enable', { waitForDebuggerOnStart: false });
  return {
    workers,
    async close() {
      for (const stop of off) stop();
      await cdp.send('NodeWorker.disable').catch(() => undefined);
    },
  };
}
