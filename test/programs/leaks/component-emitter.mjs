// component/emitter#74: an event whose last listener was taken off keeps its empty list.
export default {
  source: 'component/emitter#74',
  packages: { leaky: 'component-emitter-leaky', fixed: 'component-emitter-fixed' },
  kind: 'v8-heap',
  perSecond: 250,
  start({ default: Emitter }) {
    const socket = new Emitter();
    let n = 0;
    return () => {
      const event = `ack:${(n += 1)}`;
      const done = () => n;
      socket.on(event, done);
      socket.emit(event);
      socket.off(event, done);
    };
  },
};
