// jaredwray/keyv#101: each Keyv over a shared store leaves an error listener on it; since 4.3 emitErrors can be false.
import { EventEmitter } from 'node:events';
class Store extends EventEmitter {
  items = new Map();
  get = (key) => this.items.get(key);
  set = (key, value) => void this.items.set(key, value);
  delete = (key) => this.items.delete(key);
  clear = () => this.items.clear();
}
export default {
  source: 'jaredwray/keyv#101',
  packages: { leaky: 'keyv-leaky', fixed: 'keyv-fixed' },
  kind: 'v8-heap',
  perSecond: 50,
  start({ default: Keyv }, variant) {
    process.removeAllListeners('warning');
    const store = new Store();
    let n = 0;
    return async () => {
      const cache = new Keyv(undefined, {
        store,
        namespace: `tenant-${(n += 1) % 20}`,
        ...(variant === 'fixed' ? { emitErrors: false } : {}),
      });
      await cache.set('seen', n);
      await cache.get('seen');
    };
  },
};
