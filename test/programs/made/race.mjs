// Promise.race against one promise that never settles keeps a reaction for each call (nodejs/node#17469).
export default {
  packages: { leaky: 'node:util', fixed: 'node:util' },
  kind: 'v8-heap',
  perSecond: 1500,
  start(_, variant) {
    const never = new Promise(() => {});
    return async () => {
      const other = variant === 'leaky' ? never : new Promise(() => {});
      await Promise.race([Promise.resolve(new Array(30).fill(1)), other]);
    };
  },
};
