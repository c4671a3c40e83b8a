import { sanitise } from '../untrusted/index.ts';
import { defineAction, done, each, notDone, refuse } from './define.ts';

export const clearCaches = defineAction({
  name: 'clear_caches',
  does: 'Clears the caches that a process has told Rampart of (`registerCache` of the library).',
  needs: 'a process that registered a cache: in others there is nothing that can be called its cache',
  risk: 'low',
  reversible: false,
  aim: 'memory',
  ends: false,
  available: async (target, { caches, parameters: { cache } }) => {
    const known = await caches.list(target);
    if (known === null || known.length === 0) {
      return refuse('unavailable', 'It has registered no cache.', 'Use force_gc; or call registerCache() in it.');
    }
    if (cache === undefined || known.some(({ name }) => name === cache)) return null;
    const names = known.map(({ name }) => sanitise(name, 60)).join(', ');
    return refuse('unavailable', 'It has registered no cache of that name.', `It has: ${names}.`);
  },
  plan: (_, { parameters: { cache } }) => [
    cache === undefined
      ? 'Ask it to clear all its registered caches.'
      : `Ask it to clear its cache '${sanitise(cache, 60)}'.`,
  ],
  run: (selected, doing) =>
    each(selected, doing, async (target) => {
      doing.step(target.id, 'ask it to clear its caches');
      const cleared = await doing.caches.clear(target, doing.parameters.cache ?? null);
      if (cleared === null) return notDone(target, refuse('unavailable', 'It did not answer.', 'Try again.'));
      return done(target, `Cleared ${cleared.length} of its caches.`);
    }),
});
