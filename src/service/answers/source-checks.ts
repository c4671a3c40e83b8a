import type { Capability, DoctorReport, Registry } from '../../model/index.ts';

/** What can be seen here, and which files of others could not be read, as `doctor` tells it. */
export function sourceChecks(
  capabilities: readonly Capability[],
  problems: Registry['problems'],
): DoctorReport['checks'] {
  return [
    ...capabilities.map(({ name, works, detail, fix }) => ({ name, works, detail, fix })),
    ...problems.map(({ path, reason }) => ({ name: path, works: false, detail: reason, fix: null })),
  ];
}
