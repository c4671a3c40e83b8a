import type { ProcIo } from './proc-io.ts';
import { parseLastPid } from './parse-text.ts';

/** Where new processes may be: a few pids to probe, or all that `/proc` lists. */
type Candidates =
  | { readonly kind: 'probe'; readonly pids: readonly number[] }
  /** `periodic`: the safety net's own round, once a minute. */
  | { readonly kind: 'list'; readonly pids: readonly number[]; readonly periodic: boolean };

export interface Discovery {
  /** Pids worth a look now. `known` is the number of processes in the table; `all` asks for the full list. */
  candidates(nowMs: number, known: number, all: boolean): Candidates;
  close(): void;
}

/** The safety net: whatever the last-pid trick may miss is found by then. */
const LIST_PERIOD_MS = 60_000;

/** A probe costs about eight times what an entry of a directory listing costs (6–10 µs against 1.2 µs). */
const PROBES_PER_LISTED = 1 / 8;
const MOST_PROBES = 200;
const FEWEST_PROBES = 16;

/**
 * A pid is given out a moment before `/proc` shows its process. The newest few of the last round may have been in that
 * moment, so they are probed once more; older ones were visible long before.
 */
const PROBE_AGAIN = 8;

const NOTHING: Candidates = { kind: 'probe', pids: [] };

/**
 * Finds new processes without listing `/proc`: the last field of `/proc/loadavg` is the pid given out last in our pid
 * namespace, so when it has not moved nothing was forked, and when it moved by n there are at most n places to look at
 * (threads share the numbers). After a wrap, a large jump, or a minute, the list is read.
 */
export function createDiscovery(io: ProcIo, procRoot: string): Discovery {
  const trusted = lastPidIsOurs(io, procRoot);
  let fd = trusted ? io.open(`${procRoot}/loadavg`) : -1;
  let last: number | null = null;
  let probedTo = -1;
  let listDueMs = Number.NEGATIVE_INFINITY;

  function readLast(): number | null {
    if (fd < 0) return null;
    const length = io.readKept(fd);
    return length < 0 ? null : parseLastPid(io.bytes.toString('latin1', 0, length));
  }

  function list(nowMs: number): Candidates {
    const periodic = nowMs >= listDueMs;
    if (periodic) listDueMs = nowMs + LIST_PERIOD_MS;
    const names = io.list(procRoot);
    return { kind: 'list', pids: typeof names === 'number' ? [] : pidsOf(names), periodic };
  }

  return {
    candidates(nowMs, known, all) {
      const before = last;
      last = readLast();
      const limit = Math.min(MOST_PROBES, Math.max(FEWEST_PROBES, known * PROBES_PER_LISTED));
      if (all || before === null || last === null || nowMs >= listDueMs || last < before || last - before > limit) {
        probedTo = -1;
        return list(nowMs);
      }
      if (last === probedTo) return NOTHING;
      const pids: number[] = [];
      for (let pid = Math.max(2, before - PROBE_AGAIN + 1); pid <= last; pid += 1) pids.push(pid);
      // One more round for the newest, then silence until the number moves.
      if (last === before) probedTo = last;
      return { kind: 'probe', pids };
    },
    close() {
      if (fd >= 0) io.close(fd);
      fd = -1;
    },
  };
}

/**
 * `/proc/loadavg` speaks of the reader's pid namespace, the directory of the namespace it was mounted in (a container may
 * see the host's under another path). Only where `self` is our own pid do the two agree.
 */
function lastPidIsOurs(io: ProcIo, procRoot: string): boolean {
  return io.link(`${procRoot}/self`) === String(process.pid);
}

function pidsOf(names: readonly string[]): number[] {
  const pids: number[] = [];
  for (const name of names) {
    const first = name.charCodeAt(0);
    if (first >= 49 && first <= 57) {
      const pid = Number(name);
      if (Number.isInteger(pid)) pids.push(pid);
    }
  }
  return pids;
}

/** True when `pid` names a process and not one thread of another: `/proc` opens both, but lists only the former. */
export function isThreadGroupLeader(io: ProcIo, procRoot: string, pid: number): boolean {
  const length = io.read(`${procRoot}/${pid}/status`);
  if (length < 0) return false;
  const match = /\nTgid:\t(\d+)\n/.exec(io.bytes.toString('latin1', 0, Math.min(length, 512)));
  return match !== null && Number(match[1]) === pid;
}
