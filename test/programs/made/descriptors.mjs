// A file opened for each request, never closed.
import { closeSync, openSync } from 'node:fs';
export default {
  packages: { leaky: 'node:fs', fixed: 'node:fs' },
  kind: 'descriptors',
  perSecond: 4,
  start(_, variant) {
    return () => {
      const fd = openSync('/dev/null', 'r');
      if (variant === 'fixed') closeSync(fd);
    };
  },
};
