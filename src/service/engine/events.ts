import type { RampartEvent, Sweep } from '../../model/index.ts';

export interface EventStream {
  publish(event: RampartEvent): void;
  subscribe(listener: (event: RampartEvent) => void): () => void;
  /** Whether anybody listens: an event that nobody hears need not be made. */
  isHeard(): boolean;
}

/** The one stream of events inside the service. A listener that throws loses that event, and nobody else does. */
export function createEventStream(onListenerError: (error: unknown) => void): EventStream {
  const listeners = new Set<{ readonly call: (event: RampartEvent) => void }>();
  return {
    publish: (event) => {
      for (const listener of listeners) {
        try {
          listener.call(event);
        } catch (error) {
          onListenerError(error);
        }
      }
    },
    subscribe: (call) => {
      // An entry of its own for each subscription: the same function may subscribe twice.
      const entry = { call };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    isHeard: () => listeners.size > 0,
  };
}

/** What started and what ended since the sweep before; not made when nobody hears it. */
export function publishComings(events: EventStream, { atMs, started, exited }: Sweep): void {
  if (!events.isHeard()) return;
  for (const process of started) events.publish({ type: 'process:started', atMs, process });
  for (const process of exited) events.publish({ type: 'process:exited', atMs, process });
}
