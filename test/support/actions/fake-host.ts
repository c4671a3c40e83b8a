import type { CgroupPlace, Host, Identity, Ran, SignalName, Touch } from '../../../src/actions/host/host.ts';
import type { ProcessId } from '../../../src/model/index.ts';
import type { FakeClock } from '../service/fake-source.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface FakeProcessState extends Mutable<Identity> {
  oomScoreAdj: number;
  /** What ends it: 'SIGTERM' after so many ms, or only SIGKILL. */
  endsOnTermAfterMs: number | null;
  cgroup: string | null;
}

export interface FakeHost extends Host {
  readonly processes: Map<number, FakeProcessState>;
  readonly signals: { readonly pid: number; readonly signal: SignalName }[];
  /** Files of the cgroup hierarchy: path/file → text; absent directories do not exist. */
  readonly cgroups: Map<string, Map<string, string>>;
  readonly commands: (readonly string[])[];
  /** What the next command answers. */
  answer: (command: readonly string[]) => Ran;
  /** Called before the identity of a signal is checked: the place where a pid can change hands. */
  beforeTouch: (process: ProcessId) => void;
  add(pid: number, given?: Partial<FakeProcessState>): FakeProcessState;
}

/** A machine made of plain objects: time passes when somebody sleeps. */
export function createFakeHost(clock: FakeClock, uid = 1000): FakeHost {
  const due: { readonly atMs: number; readonly pid: number }[] = [];
  const settle = (): void => {
    for (const each of due.splice(0)) {
      if (each.atMs <= clock.monotonicMs()) host.processes.delete(each.pid);
      else due.push(each);
    }
  };
  const objection = (target: ProcessId): Exclude<Touch, 'sent'> | null => {
    const now = host.identity(target.pid);
    if (now === null) return 'gone';
    if (now.startTime !== target.startTime) return 'identity-changed';
    if (now.isZombie) return 'gone';
    return now.uid !== uid || now.effectiveUid !== uid ? 'other-user' : null;
  };
  const host: FakeHost = {
    platform: 'linux',
    uid,
    ownPid: 999,
    processes: new Map(),
    signals: [],
    cgroups: new Map(),
    commands: [],
    answer: () => ({ status: 1, stdout: '', stderr: 'Failed to connect to bus' }),
    beforeTouch: () => undefined,
    add: (pid, given = {}) => {
      const state: FakeProcessState = {
        pid,
        startTime: pid * 10,
        ppid: 1,
        uid,
        effectiveUid: uid,
        isZombie: false,
        isStopped: false,
        cpuMs: 0,
        oomScoreAdj: 0,
        endsOnTermAfterMs: 20,
        cgroup: null,
        ...given,
      };
      host.processes.set(pid, state);
      return state;
    },
    identity: (pid) => {
      settle();
      return host.processes.get(pid) ?? null;
    },
    signal: (target, signal) => {
      host.beforeTouch(target);
      const no = objection(target);
      if (no !== null) return no;
      host.signals.push({ pid: target.pid, signal });
      const state = host.processes.get(target.pid);
      if (state === undefined) return 'gone';
      if (signal === 'SIGSTOP') state.isStopped = true;
      if (signal === 'SIGCONT') state.isStopped = false;
      if (signal === 'SIGKILL') host.processes.delete(target.pid);
      if (signal === 'SIGTERM' && state.endsOnTermAfterMs !== null) {
        due.push({ atMs: clock.monotonicMs() + state.endsOnTermAfterMs, pid: target.pid });
      }
      return 'sent';
    },
    oomScoreAdj: (target) =>
      objection(target) === null ? (host.processes.get(target.pid)?.oomScoreAdj ?? null) : null,
    writeOomScoreAdj: (target, value) => {
      host.beforeTouch(target);
      const no = objection(target);
      const state = host.processes.get(target.pid);
      if (no !== null || state === undefined) return no ?? 'gone';
      state.oomScoreAdj = value;
      return 'sent';
    },
    cgroup: (target) => {
      const path = host.processes.get(target.pid)?.cgroup ?? null;
      if (path === null || objection(target) !== null) return null;
      const controllers = host.cgroups.get(path)?.get('cgroup.controllers') ?? '';
      return { root: '/fake', path, hasMemory: controllers.includes('memory') };
    },
    readCgroup: ({ path }, file) => host.cgroups.get(path)?.get(file) ?? null,
    writeCgroup: ({ path }, file, text) => {
      const files = host.cgroups.get(path);
      if (files === undefined) return { problem: 'ENOENT' };
      if (file === 'cgroup.procs') {
        const state = host.processes.get(Number(text));
        if (state === undefined) return { problem: 'ESRCH' };
        state.cgroup = path;
      }
      if (files.get(file) === 'read-only') return { problem: 'EACCES' };
      files.set(file, text);
      return 'ok';
    },
    makeCgroup: ({ path }) => {
      if (host.cgroups.has(path)) return { problem: 'EEXIST' };
      host.cgroups.set(path, memoryFiles());
      return 'ok';
    },
    removeCgroup: ({ path }: CgroupPlace) => (host.cgroups.delete(path) ? 'ok' : { problem: 'ENOENT' }),
    run: async (command, args) => {
      host.commands.push([command, ...args]);
      return host.answer([command, ...args]);
    },
    sleep: async (ms) => clock.advance(ms),
  };
  return host;
}

export const memoryFiles = (over: Readonly<Record<string, string>> = {}): Map<string, string> =>
  new Map(
    Object.entries({
      'cgroup.controllers': 'cpu memory pids',
      'cgroup.subtree_control': 'memory pids',
      'cgroup.procs': '',
      'memory.max': 'max',
      'memory.high': 'max',
      'memory.current': '1000',
      'memory.reclaim': '',
      ...over,
    }),
  );
