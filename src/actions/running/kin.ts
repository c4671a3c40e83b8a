import type { ProcessKey } from '../../model/index.ts';
import type { Kin } from './gate.ts';
import { ancestors, type View } from '../target.ts';

/** Ourselves and those above us; the asker and those above it: its shell, its client, its terminal. */
export function kinOf(view: View, ownPid: number, callerPid: number | null): Kin {
  const line = (pid: number) => [
    ...[...view.targets.values()].filter((each) => each.pid === pid),
    ...ancestors(view, pid),
  ];
  const callers = callerPid === null ? [] : line(callerPid);
  const keys = (targets: readonly { readonly id: ProcessKey }[]) => new Set(targets.map(({ id }) => id));
  return {
    ownPid,
    ours: keys(line(ownPid)),
    callers: keys(callers),
    callerSession: callers.map(({ attribution }) => attribution.sessionId).find((id) => id !== null) ?? null,
  };
}
