import { SendFailure } from './failure.ts';

/**
 * Runs `work` with a signal that is aborted after `timeoutMs` or with `outer`, and goes on then even if the work does not
 * heed it.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  let stop: (reason: Error) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = (reason) => {
      inner.abort(reason);
      reject(reason);
    };
  });
  const onOuter = (): void => stop(new SendFailure('unreachable', 'the service ended'));
  const timer = setTimeout(() => stop(new SendFailure('unreachable', `no answer within ${timeoutMs} ms`)), timeoutMs);
  timer.unref();
  outer.addEventListener('abort', onOuter, { once: true });
  if (outer.aborted) onOuter();
  try {
    // A rejection that comes after the deadline has nobody who waits for it.
    const result = work(inner.signal);
    result.catch(() => undefined);
    return await Promise.race([result, stopped]);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onOuter);
  }
}
