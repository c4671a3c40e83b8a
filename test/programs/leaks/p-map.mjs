// sindresorhus/p-map#75: an abort listener stays on the signal of each call; fixed in 7.0.3.
import { setMaxListeners } from 'node:events';
export default {
  source: 'sindresorhus/p-map#75',
  packages: { leaky: 'p-map-leaky', fixed: 'p-map-fixed' },
  kind: 'v8-heap',
  perSecond: 30,
  start({ default: pMap }) {
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const rows = Array.from({ length: 20 }, (_, id) => id);
    return async () => void (await pMap(rows, async (id) => ({ id, text: `row ${id}` }), { concurrency: 4, signal }));
  },
};
