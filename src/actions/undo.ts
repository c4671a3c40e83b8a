import {
  RampartError,
  type Clock,
  type Outcome,
  type ProcessKey,
  type TargetOutcome,
  type UndoOrder,
} from '../model/index.ts';
import { sanitise } from '../untrusted/index.ts';
import type { Audit, AuditRecord } from './audit.ts';
import type { Doing } from './define.ts';
import type { Host } from './host.ts';
import { actionNamed } from './index.ts';
import { countText } from './words.ts';

interface UndoDeps {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly host: Host;
}

type Undoable = AuditRecord & { readonly outcome: Outcome; readonly restores: NonNullable<AuditRecord['restores']> };

/** Puts back what an outcome changed. The audit log is the memory: it also knows what was done before a restart. */
export async function undo({ id, origin }: UndoOrder, { audit, clock, host }: UndoDeps): Promise<Outcome> {
  const finished = find(audit.read().records, id);
  const action = actionNamed(finished.action);
  const { undo: putBack } = action;
  if (putBack === undefined) throw none(id);
  const line = { id: finished.id, action: action.name, origin };
  const write = (event: 'signal' | 'step' | 'undone', process: ProcessKey | null, detail: string): void =>
    audit.write({ ...line, atMs: clock.nowMs(), event, process, detail });
  const doing: Pick<Doing, 'host' | 'signal' | 'step'> = {
    host,
    step: (process, detail) => write('step', process, detail),
    signal: (process, signal, why) => {
      write('signal', `${process.pid}:${process.startTime}`, `${signal}: ${why}`);
      return host.signal(process, signal);
    },
  };
  const startedAtMs = clock.nowMs();
  const targets: TargetOutcome[] = [];
  for (const restore of finished.restores.toReversed()) targets.push(await putBack(restore, doing));
  const back = targets.filter(({ done }) => done).length;
  const summary = `undo of ${action.name}: put back for ${back} of ${countText(targets.length, 'process', 'processes')}.`;
  write('undone', null, summary);
  return {
    ...finished.outcome,
    origin,
    startedAtMs,
    endedAtMs: clock.nowMs(),
    settledAfterMs: null,
    before: null,
    after: null,
    reclaimedBytes: null,
    counterfactualBytes: null,
    errorBytes: null,
    result: back === 0 ? 'failed' : 'unclear',
    targets,
    undo: { possible: false, reason: 'It is undone.' },
    error: null,
    summary,
  };
}

function find(records: readonly AuditRecord[], id: string | undefined): Undoable {
  const undone = new Set(records.filter(({ event }) => event === 'undone').map((record) => record.id));
  const found = records.findLast(
    (record): record is Undoable =>
      record.event === 'finished' &&
      record.outcome !== undefined &&
      (record.restores?.length ?? 0) > 0 &&
      !undone.has(record.id) &&
      (id === undefined || record.id === id || record.id.startsWith(id)),
  );
  if (found === undefined) throw none(id);
  return found;
}

function none(id: string | undefined): RampartError {
  return new RampartError(
    'not-found',
    id === undefined ? 'there is nothing that can be undone' : `'${sanitise(id, 60)}' cannot be undone, or was already`,
    '`rampart audit` lists what was done; suspend, limit and deprioritise can be undone.',
  );
}
