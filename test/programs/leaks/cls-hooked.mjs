// Jeff-Lewis/cls-hooked#63: contexts of runPromise hang on to the one before. Fixed: AsyncLocalStorage, its successor.
import { AsyncLocalStorage } from 'node:async_hooks';
export default {
  source: 'Jeff-Lewis/cls-hooked#63',
  packages: { leaky: 'cls-hooked', fixed: 'node:async_hooks' },
  kind: 'v8-heap',
  perSecond: 100,
  start({ default: cls }, variant) {
    const work = async (id) => {
      await new Promise((resolve) => setImmediate(resolve));
      return id;
    };
    let n = 0;
    if (variant === 'fixed') {
      const storage = new AsyncLocalStorage();
      return () => storage.run({ id: (n += 1), user: 'someone' }, () => work(n));
    }
    const session = cls.createNamespace('request');
    return () =>
      session.runPromise(() => {
        session.set('id', (n += 1));
        session.set('user', 'someone');
        return work(n);
      });
  },
};
