import type { Identity } from './host.ts';

/** proc_pid_stat(5): clock ticks a second in everything that procfs shows; 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/**
 * `/proc/PID/stat` and `/proc/PID/status`. The name in brackets is the process's own choice and may hold `) R 1 (`: fields
 * begin after the LAST closing bracket, and `Uid:` counts only at the start of a line (the kernel escapes newlines).
 */
export function parseIdentity(stat: string, status: string): Identity | null {
  const close = stat.lastIndexOf(')');
  const pid = Number.parseInt(stat, 10);
  // proc(5)'s field 3, the state, is the first after the name: field n stands at n − 3.
  const fields = stat.slice(close + 2).split(' ');
  const at = (field: number): number => Number(fields[field - 3] ?? Number.NaN);
  const [ppid, startTime, utime, stime] = [at(4), at(22), at(14), at(15)];
  if (close < 0 || ![pid, ppid, startTime].every(Number.isSafeInteger)) return null;
  const ids = /^Uid:\t(\d+)\t(\d+)/m.exec(status);
  const state = fields[0] ?? '';
  return {
    pid,
    startTime,
    ppid,
    uid: ids === null ? null : Number(ids[1]),
    effectiveUid: ids === null ? null : Number(ids[2]),
    isZombie: state === 'Z' || state === 'X',
    isStopped: state === 'T' || state === 't',
    cpuMs: Number.isFinite(utime + stime) ? (utime + stime) * TICK_MS : null,
  };
}

/** One line of `ps -o pid=,ppid=,ruid=,uid=,state=,lstart=`; the start is a local date with seconds. */
export function parsePsIdentity(text: string): Identity | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S.*\S)\s*$/.exec(text);
  if (match === null) return null;
  const [, pid, ppid, uid, effectiveUid, state = '', started = ''] = match;
  const startTime = Date.parse(started);
  if (Number.isNaN(startTime)) return null;
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    uid: Number(uid),
    effectiveUid: Number(effectiveUid),
    startTime,
    isZombie: state.startsWith('Z'),
    isStopped: state.startsWith('T'),
    cpuMs: null,
  };
}
