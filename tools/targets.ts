import { RampartError } from '../src/model/index.ts';
import type { ProcessReport, SessionReport, StatusReport } from '../src/model/index.ts';
import { sanitise } from '../src/untrusted/index.ts';
import { allProcesses } from './rows.ts';
import { isPlainId } from './words.ts';

export type Found =
  | { readonly kind: 'session'; readonly session: SessionReport }
  | { readonly kind: 'process'; readonly process: ProcessReport };

/** Shorter beginnings of a session id would often fit two. */
const MIN_PREFIX = 6;
/** Enough ids to heal a typing error, few enough to read. */
const NAMED_IDS = 6;

/**
 * The session or process that `target` names: a session id (whole, with 'session:' before it, or its first six or more
 * characters when only one fits), `pid:startTime`, or a pid that one live process has.
 */
export function findTarget(target: string, report: StatusReport): Found {
  const id = target.replace(/^session:/, '');
  const exact = report.sessions.find((session) => session.sessionId === id);
  if (exact !== undefined) return { kind: 'session', session: exact };
  const processes = allProcesses(report);
  const process = processes.find((row) => row.id === target || String(row.pid) === target);
  if (process !== undefined) return { kind: 'process', process };
  const begun = id.length < MIN_PREFIX ? [] : report.sessions.filter((session) => session.sessionId.startsWith(id));
  if (begun.length === 1 && begun[0] !== undefined) return { kind: 'session', session: begun[0] };
  throw new RampartError('not-found', `nothing here is called "${sanitise(target, 80)}"`, hint(target, report));
}

function hint(target: string, report: StatusReport): string {
  const pid = /^(\d+):\d+$/.exec(target)?.[1];
  const successor = pid === undefined ? undefined : allProcesses(report).find((row) => String(row.pid) === pid);
  const ended = successor === undefined ? '' : `That process ended; its pid now belongs to ${successor.id}. `;
  const ids = report.sessions.map((session) => session.sessionId).filter(isPlainId);
  const named = ids.slice(0, NAMED_IDS).join(', ');
  const sessions = ids.length === 0 ? 'no session runs now' : `sessions now: ${named}`;
  return `${ended}Valid targets: host, self, a session id (${sessions}) or an id from list_processes().`;
}
