/** Runs one after the other: a sweep tells only what changed since the one before, so two must never cross. */
export function createSerial(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}

/** Whoever asks while an answer is being made gets that one. */
export function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => {
    pending ??= make().finally(() => (pending = null));
    return pending;
  };
}
