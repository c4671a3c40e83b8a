import { RampartError, type Inspectability, type Inspector } from '../../model/index.ts';

/**
 * Where there is no `/proc`, nothing tells whether a process catches SIGUSR1 (macOS) or is Node at all: nobody is touched.
 * Untried on those systems.
 */
export function createNoInspector(platform: NodeJS.Platform): Inspector {
  const reason = `on ${platform} it cannot be seen whether a process would survive being looked into`;
  const verdict: Inspectability = {
    possible: false,
    way: 'none',
    reason,
    evidence: [{ kind: 'platform', detail: reason }],
  };
  return {
    check: async () => verdict,
    split: async () => null,
    attach: () =>
      Promise.reject(new RampartError('unsupported', `the process cannot be looked into: ${reason}`, 'Use Linux.')),
    close: async () => undefined,
  };
}
