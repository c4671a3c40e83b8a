// A memo by user id that nobody bounds. Fixed: the oldest of 2000 goes.
export default {
  packages: { leaky: 'node:util', fixed: 'node:util' },
  kind: 'v8-heap',
  perSecond: 2000,
  start(_, variant) {
    const memo = new Map();
    let n = 0;
    return () => {
      memo.set(`user-${(n += 1)}`, { id: n, roles: ['a', 'b'], name: `name ${n}` });
      if (variant === 'fixed' && memo.size > 2000) memo.delete(memo.keys().next().value);
    };
  },
};
