import {
  RampartError,
  type Clock,
  type Outcome,
  type ProcessKey,
  type TargetOutcome,
  type UndoOrder,
} from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';
import type { Audit, AuditRecord } from './audit.ts';
import type { Doing } from '../define.ts';
import type { Host } from '../host/host.ts';
import { actionNamed } from '../index.ts';
import { blankOutcome } from './outcome.ts';
import { countText } from '../words.ts';

interface UndoDeps {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly host: Host;
}

/** All that one action changed, and its outcome, should it have come to that. */
interface Undoable {
  readonly record: AuditRecord;
  readonly outcome: Outcome | null;
  readonly restores: NonNullable<AuditRecord['restores']>;
}

/** Puts back what an outcome changed. The audit log is the memory: it also knows what was done before a restart. */
export async function undo({ id, origin }: UndoOrder, { audit, clock, host }: UndoDeps): Promise<Outcome> {
  const { record, outcome, restores } = find(audit.read().records, id);
  const action = actionNamed(record.action);
  const { undo: putBack } = action;
  if (putBack === undefined) throw none(id);
  const line = { id: record.id, action: action.name, origin };
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
  for (const restore of restores.toReversed()) targets.push(await putBack(restore, doing));
  const back = targets.filter(({ done }) => done).length;
  const summary = `undo of ${action.name}: put back for ${back} of ${countText(targets.length, 'process', 'processes')}.`;
  write('undone', null, summary);
  return {
    ...(outcome ?? blankOutcome({ ...line, risk: action.risk }, startedAtMs)),
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
  const record = records.findLast(
    (each) => (each.restores?.length ?? 0) > 0 && !undone.has(each.id) && (id === undefined || each.id.startsWith(id)),
  );
  if (record === undefined) throw none(id);
  const own = records.filter((each) => each.id === record.id);
  return {
    record,
    outcome: own.findLast((each) => each.outcome !== undefined)?.outcome ?? null,
    restores: own.flatMap(({ restores = [] }) => restores),
  };
}

function none(id: string | undefined): RampartError {
  return new RampartError(
    'not-found',
    id === undefined ? 'there is nothing that can be undone' : `'${sanitise(id, 60)}' cannot be undone, or was already`,
    '`rampart audit` lists what was done; suspend, limit and deprioritise can be undone.',
  );
}
