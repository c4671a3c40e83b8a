import type { ProcessId } from '../../model/index.ts';
import { emptyStat, parseStat, processState } from '../linux/parse-stat.ts';
import { DENIED, type ProcIo } from '../linux/proc-io.ts';
import { runtimeOf } from '../runtime.ts';
import type { Target } from './guards.ts';
import { inspectorFlags } from './flags.ts';
import { createSockets } from './sockets.ts';
import type { SignalOwners } from './signal-owner.ts';

/** SIGUSR1 is signal 10 on every Linux that Node runs on (MIPS and SPARC differ); bit 9 of the masks. */
const SIGUSR1_BIT = 1n << 9n;
const MAX_TEXT_BYTES = 256 * 1024;

export interface TargetReader {
  /** Everything that the guards look at, without touching the process. */
  read(process: ProcessId): Target | 'gone' | 'not-permitted';
  /** The part that may change between the look and the signal; microseconds. */
  isSame(process: ProcessId): boolean;
  catchesSignal(pid: number): boolean;
}

export interface TargetReaderOptions {
  readonly io: ProcIo;
  readonly procRoot: string;
  readonly tickMs: number;
  readonly ownUid: number;
  readonly owners: SignalOwners;
}

export function createTargetReader({ io, procRoot, tickMs, ownUid, owners }: TargetReaderOptions): TargetReader {
  const sockets = createSockets(io, procRoot);
  const stat = emptyStat();

  const readStat = (pid: number): boolean => {
    const length = io.read(`${procRoot}/${pid}/stat`);
    return length > 0 && parseStat(io.bytes, length, stat);
  };

  const readStatus = (pid: number): string => {
    const length = io.read(`${procRoot}/${pid}/status`);
    return length > 0 ? io.bytes.toString('latin1', 0, length) : '';
  };

  const words = (path: string): string[] => {
    const file = io.readAll(path, MAX_TEXT_BYTES);
    return typeof file === 'number' ? [] : file.bytes.toString('utf8').split('\0');
  };

  const isSame = ({ pid, startTime }: ProcessId): boolean => readStat(pid) && stat.startTime === startTime;

  return {
    isSame,
    catchesSignal: (pid) => (mask(readStatus(pid), 'SigCgt') & SIGUSR1_BIT) !== 0n,
    read(process) {
      const { pid } = process;
      const dir = `${procRoot}/${pid}`;
      if (!isSame(process)) return 'gone';
      const state = processState(stat.stateCode);
      const status = readStatus(pid);
      const uids = /\nUid:\t(\d+)\t(\d+)\t(\d+)\t(\d+)/.exec(status)?.slice(1).map(Number) ?? [];
      const foreign = uids.find((uid) => uid !== ownUid);
      if (uids.length === 0) return 'gone';
      if (foreign !== undefined) return 'not-permitted';
      const exe = io.link(`${dir}/exe`);
      if (exe === DENIED) return 'not-permitted';
      if (typeof exe === 'number') return 'gone';
      const stdout = io.link(`${dir}/fd/1`);
      const stderr = io.link(`${dir}/fd/2`);
      const network = io.link(`${dir}/ns/net`);
      const catches = (mask(status, 'SigCgt') & SIGUSR1_BIT) !== 0n;
      const runtime = runtimeOf(exe.replace(/ \(deleted\)$/, ''), '', undefined);
      const nodeOptions = words(`${dir}/environ`).find((word) => word.startsWith('NODE_OPTIONS='));
      const target: Target = {
        pid,
        innerPid: Number(/\nNSpid:\t(?:\d+\t)*(\d+)\n/.exec(status)?.[1] ?? pid),
        state,
        runtime,
        ageMs: ageMs(stat.startTime),
        catches,
        blocks: (mask(status, 'SigBlk') & SIGUSR1_BIT) !== 0n,
        flags: inspectorFlags(words(`${dir}/cmdline`), nodeOptions?.slice('NODE_OPTIONS='.length) ?? ''),
        stderr: stderrKind(stdout, stderr),
        sameNetwork: typeof network === 'string' ? network === io.link(`${procRoot}/self/ns/net`) : null,
        listening: sockets.listening(pid),
        isTaken: (port) => sockets.isTaken(port),
        isLent: (port) => sockets.isLent(port),
        owner: runtime === 'node' && catches ? owners.of(process) : { by: 'unknown', reason: 'it was not asked' },
      };
      return isSame(process) ? target : 'gone';
    },
  };

  function ageMs(startTime: number): number {
    const length = io.read(`${procRoot}/uptime`);
    const uptimeMs = length > 0 ? Number(io.bytes.toString('latin1', 0, length).split(' ')[0]) * 1000 : 0;
    return uptimeMs - startTime * tickMs;
  }
}

function mask(status: string, name: string): bigint {
  const hex = new RegExp(`\\n${name}:\\t([0-9a-f]+)\\n`).exec(status)?.[1];
  return hex === undefined ? 0n : BigInt(`0x${hex}`);
}

function stderrKind(stdout: string | number, stderr: string | number): Target['stderr'] {
  if (typeof stderr !== 'string') return 'unknown';
  if (/^\/dev\/(?:pts\/|tty|console)/.test(stderr)) return 'terminal';
  return /^(?:pipe|socket):/.test(stderr) && stderr === stdout ? 'stdout' : 'other';
}
