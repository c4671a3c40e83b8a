// A helper process for each job; the leaky one never ends them. They read their stdin, so they end with their parent.
import { once } from 'node:events';
export default {
  packages: { leaky: 'node:child_process', fixed: 'node:child_process' },
  kind: 'children',
  perSecond: 0.8,
  start({ spawn }, variant) {
    return async () => {
      const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
      await once(child, 'spawn');
      if (variant === 'fixed') child.stdin.end();
    };
  },
};
