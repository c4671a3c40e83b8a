import type { DeathCapability, DeathTraces, DoctorReport, ExitWatch, Killer } from '../../model/index.ts';

/** What it takes to name each killer; docs/post-mortem.md tells why. None: our own files and those of Claude Code do. */
const NEEDS: readonly (readonly [string | null, readonly Killer[]])[] = [
  [null, ['rampart', 'claude-reaper', 'shutdown']],
  ['oom-count', ['kernel-oom']],
  ['oom-daemons', ['systemd-oomd', 'earlyoom']],
  ['exit-status', ['v8-heap-limit', 'v8-abort', 'signal', 'crash', 'exit']],
];

/** Which killers can be named on this machine, and what that rests on. */
export async function killerChecks(
  exits: Pick<ExitWatch, 'capability'>,
  traces: Pick<DeathTraces, 'capabilities'>,
): Promise<DoctorReport['checks']> {
  const checks: readonly DeathCapability[] = [await exits.capability(), ...(await traces.capabilities())];
  return [overall(checks), ...checks];
}

function overall(checks: readonly DeathCapability[]): DeathCapability {
  const named = (wanted: boolean | null): Killer[] =>
    NEEDS.flatMap(([name, killers]) => {
      const works = name === null ? true : (checks.find((check) => check.name === name)?.works ?? null);
      return works === wanted ? killers : [];
    });
  const hidden = named(false);
  const detail = `can name ${named(true).join(', ')}`;
  if (hidden.length === 0) return { name: 'post-mortem', works: true, detail, fix: null };
  return {
    name: 'post-mortem',
    works: false,
    detail: `${detail}; seldom ${hidden.join(', ')}`,
    fix: 'Mend what is missing of exit-status, oom-count and oom-daemons.',
  };
}
