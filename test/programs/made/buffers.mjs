// Buffers of answered requests are kept: memory outside the V8 heap. Fixed: only the last 50.
export default {
  packages: { leaky: 'node:buffer', fixed: 'node:buffer' },
  kind: 'external',
  perSecond: 50,
  start({ Buffer }, variant) {
    const kept = [];
    return () => {
      kept.push(Buffer.alloc(20_000, 1));
      if (variant === 'fixed' && kept.length > 50) kept.shift();
    };
  },
};
