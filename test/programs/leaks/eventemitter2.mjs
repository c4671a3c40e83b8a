// EventEmitter2#65: the names of answered calls stay in the wildcard tree as empty nodes.
export default {
  source: 'EventEmitter2/EventEmitter2#65',
  packages: { leaky: 'eventemitter2-leaky', fixed: 'eventemitter2-fixed' },
  kind: 'v8-heap',
  perSecond: 500,
  start({ default: { EventEmitter2 } }) {
    const bus = new EventEmitter2({ wildcard: true, delimiter: '.' });
    bus.on('call', (reply, a, b) => bus.emit(reply, a + b));
    let n = 0;
    return async () => {
      const reply = `reply.${(n += 1)}`;
      const answer = new Promise((resolve) => bus.once(reply, resolve));
      bus.emit('call', reply, n, 1);
      await answer;
    };
  },
};
