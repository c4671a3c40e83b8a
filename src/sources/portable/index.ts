import type { Clock, ProcessKey, Source, Sweep } from '../../model/index.ts';
import { portableCapabilities } from './capabilities.ts';
import { portableFacts } from './facts.ts';
import { readPortableHost } from './host.ts';
import { type Listed, listProcesses, measureProcesses } from './list.ts';
import { createPortableTable } from './table.ts';

/**
 * The full list costs a child process (one `ps` or PowerShell, and 0.7 ms a process); the batch of figures costs one on
 * macOS and Windows too. So the list is read every ten seconds, figures every two, and a call in between gets the last.
 */
const LIST_PERIOD_MS = 10_000;
const MEASURE_PERIOD_MS = 2_000;

export interface PortableSourceOptions {
  readonly clock: Clock;
}

/**
 * systeminformation for the list and the host, pidusage for all processes in one batch. Written for macOS and Windows; it
 * was only ever run on Linux, where the contract suite holds it to the same promises as the Linux source. (There,
 * systeminformation makes its shell start one `cat` per process: one more reason why Linux has its own source.)
 */
export function createPortableSource({ clock }: PortableSourceOptions): Source {
  const table = createPortableTable(clock);
  let listed: ReadonlyMap<number, Listed> = new Map();
  let last: Sweep | null = null;
  let listDueMs = Number.NEGATIVE_INFINITY;
  let measureDueMs = Number.NEGATIVE_INFINITY;
  let turn: Promise<unknown> = Promise.resolve();

  async function sweep(complete: boolean): Promise<Sweep> {
    const fromMs = clock.monotonicMs();
    if (last !== null && !complete && fromMs < measureDueMs) {
      return { ...last, started: [], exited: [], refreshed: [], costMs: clock.monotonicMs() - fromMs };
    }
    if (complete || fromMs >= listDueMs) {
      listed = await listProcesses();
      listDueMs = fromMs + LIST_PERIOD_MS;
    }
    measureDueMs = fromMs + MEASURE_PERIOD_MS;
    const figures = await measureProcesses([...listed.keys()]);
    const host = await readPortableHost(clock);
    const changes = table.update(listed, figures);
    last = { atMs: host.atMs, host, processes: table.samples, ...changes, costMs: clock.monotonicMs() - fromMs };
    return last;
  }

  return {
    name: 'portable',
    // One after the other: two sweeps at once would each see half of what changed.
    sample({ complete = false } = {}) {
      const next = turn.then(() => sweep(complete));
      turn = next.catch(() => undefined);
      return next;
    },
    async facts(process) {
      const sample = table.samples.get(`${process.pid}:${process.startTime}`);
      const entry = listed.get(process.pid);
      return sample === undefined || entry === undefined ? null : portableFacts(entry, sample);
    },
    footprint: async () => null,
    async lifeSigns(processes) {
      const present = processes.filter(({ pid, startTime }) => table.samples.has(`${pid}:${startTime}`));
      return new Map(present.map(({ pid, startTime }) => [`${pid}:${startTime}` as ProcessKey, noSigns()]));
    },
    cgroupMemory: async () => null,
    capabilities: async () => portableCapabilities(last !== null),
    async close() {
      await turn;
      table.clear();
    },
  };
}

function noSigns() {
  const reason = 'only Linux tells this';
  return {
    stdinPeer: null,
    stdinChannel: null,
    readBytes: null,
    openFiles: null,
    unknown: { stdinPeer: reason, stdinChannel: reason, readBytes: reason, openFiles: reason },
  };
}
