import { basename, dirname } from 'node:path';
import type { RegistryClaim } from '../model/index.ts';
import { asFields, claimTime, field, pidOf, textOf, timeOf, wholeOf } from './fields.ts';
import type { Parsed } from './file-cache.ts';

/** What one file of the memory bank says. All text is sanitised; all of it is the writer's word. */
export interface BankRecord {
  readonly kind: 'agent' | 'session';
  /** `agentId` or `sessionId` of the file, else the name of its folder. */
  readonly id: string;
  readonly sessionId: string | null;
  readonly name: string | null;
  readonly status: string | null;
  readonly updatedAtMs: number | null;
  readonly path: string;
  /** Null: the record names no process. */
  readonly claim: RegistryClaim | null;
}

/** File that counts in a folder of each kind; all others are the agents' own business. */
export const RECORD_FILES = { agent: 'state.json', session: 'metadata.json' } as const;

/**
 * `memory/agents/<id>/state.json` and `memory/sessions/<date>/<session>/metadata.json`. The names of Claude-Flow's
 * README and ours both count: snake_case, `id`, `type`, `title`, `lastActivity`. The folder's README lists them.
 */
export function parseRecord(
  kind: BankRecord['kind'],
  json: unknown,
  path: string,
  modifiedMs: number,
): Parsed<BankRecord> {
  const fields = asFields(json);
  if (fields === null) return { problem: 'not an object' };
  const folder = textOf(basename(dirname(path))) ?? 'unnamed';
  const agentId = textOf(field(fields, 'agentId', 'agent_id', ...(kind === 'agent' ? ['id'] : [])));
  const sessionId = textOf(field(fields, 'sessionId', 'session_id', ...(kind === 'session' ? ['id'] : [])));
  const id = (kind === 'agent' ? agentId : sessionId) ?? folder;
  const shared = {
    sessionId: kind === 'session' ? id : sessionId,
    name: textOf(field(fields, 'name', 'title', 'type', 'agentType')),
    status: textOf(field(fields, 'status', 'state'), 40),
    path,
  };
  const updatedAtMs = timeOf(field(fields, 'updatedAt', 'updated_at', 'lastActivity', 'lastUpdated', 'timestamp'));
  const givenPid = field(fields, 'pid', 'processId', 'process_id');
  const pid = pidOf(givenPid);
  if (givenPid !== null && pid === null) return { problem: 'pid is not a whole number from 1 up' };
  const claim: RegistryClaim | null =
    pid === null
      ? null
      : {
          ...shared,
          kind: 'memory-bank',
          pid,
          startTime: wholeOf(field(fields, 'startTime', 'start_time', 'procStart')),
          claimedAtMs: claimTime(modifiedMs, updatedAtMs),
          client: textOf(fields['client'], 40) ?? 'memory-bank',
          agentId: kind === 'agent' ? id : agentId,
          role: fields['role'] === 'server' ? 'server' : 'agent',
          cwd: textOf(field(fields, 'cwd', 'workingDirectory'), 4096),
          statusAtMs: updatedAtMs,
        };
  return { value: { ...shared, kind, id, updatedAtMs, claim } };
}
