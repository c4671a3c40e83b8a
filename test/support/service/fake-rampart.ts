import type { Rampart, RampartEvent } from '../../../src/model/index.ts';
import { RampartError } from '../../../src/model/index.ts';
import { questions } from '../../../src/service/socket/protocol.ts';

/** A `Rampart` without a machine behind it: answers at once, and publishes what a test gives it. */
export interface FakeRampart extends Rampart {
  publish(event: RampartEvent): void;
  listeners(): number;
}

export function createFakeRampart(answers: Partial<Rampart> = {}): FakeRampart {
  const listeners = new Set<(event: RampartEvent) => void>();
  const none = (): Promise<never> =>
    Promise.reject(new RampartError('unsupported', 'not faked', 'Give the fake an answer.'));
  return {
    ...questions(none),
    subscribe: async (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => undefined,
    ...answers,
    publish: (event) => {
      for (const listener of listeners) listener(event);
    },
    listeners: () => listeners.size,
  };
}
