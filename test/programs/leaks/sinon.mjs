// sinonjs/sinon#1866: fakes of the default sandbox are kept until restore().
export default {
  source: 'sinonjs/sinon#1866',
  packages: { leaky: 'sinon', fixed: 'sinon' },
  kind: 'v8-heap',
  perSecond: 20,
  start({ default: sinon }, variant) {
    const api = { load: () => 1 };
    return () => {
      const load = sinon.fake.returns(2);
      load('key');
      if (variant === 'fixed') sinon.restore();
      return api.load() + load.callCount;
    };
  },
};
