// 50 KB a second beside plenty of garbage.
export default {
  packages: { leaky: 'node:util', fixed: 'node:util' },
  kind: 'v8-heap',
  perSecond: 100,
  start(_, variant) {
    const audit = [];
    let n = 0;
    return () => {
      const rows = Array.from({ length: 500 }, (__, id) => ({ id, text: `row ${id}` }));
      const entry = { at: (n += 1), note: `${n}:`.padEnd(400, 'x').split('').join('') + rows.length };
      if (variant === 'leaky') audit.push(entry);
      return rows;
    };
  },
};
