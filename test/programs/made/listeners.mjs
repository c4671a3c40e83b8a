// A listener for each request on one long-lived emitter.
export default {
  packages: { leaky: 'node:events', fixed: 'node:events' },
  kind: 'v8-heap',
  perSecond: 400,
  start({ EventEmitter }, variant) {
    const bus = new EventEmitter();
    bus.setMaxListeners(0);
    let n = 0;
    return async () => {
      const request = { id: (n += 1), body: `body ${n} `.repeat(40).split(' ') };
      const listener = () => request.body;
      bus.on('shutdown', listener);
      await null;
      if (variant === 'fixed') bus.off('shutdown', listener);
    };
  },
};
