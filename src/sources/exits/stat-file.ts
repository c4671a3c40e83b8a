import { readFileSync } from 'node:fs';
import type { ProcessId, RawExit } from '../../model/index.ts';

/** proc(5): fields 3 (state), 22 (start time) and 52 (exit status), counted after the name in brackets. */
const STATE = 0;
const START_TIME = 19;
const EXIT_STATUS = 49;

/**
 * The exit status of a process that its parent has not reaped yet. The kernel shows it to the same user and to root; to
 * others the field is 0, which would read as an ordinary end: so 0 counts only for processes of our own user.
 */
export function zombieStatus(process: ProcessId, isOurs: boolean, procRoot = '/proc'): RawExit | null {
  const fields = ownFields(process, procRoot);
  const status = Number(fields?.[EXIT_STATUS]);
  if (fields?.[STATE] !== 'Z' || !Number.isInteger(status) || (status === 0 && !isOurs)) return null;
  return { status, atMs: null, from: 'zombie' };
}

/** Whether a process runs at this very moment; a look may be seconds old. Null: this system has no such files. */
export function runsNow(process: ProcessId, procRoot = '/proc'): boolean | null {
  if (globalThis.process.platform !== 'linux') return null;
  const state = ownFields(process, procRoot)?.[STATE];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Null: it is gone, or its pid has another owner. */
function ownFields({ pid, startTime }: ProcessId, procRoot: string): readonly string[] | null {
  try {
    const text = readFileSync(`${procRoot}/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return Number(fields[START_TIME]) === startTime ? fields : null;
  } catch {
    return null;
  }
}
