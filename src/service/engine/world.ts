import { setImmediate as nextTurn } from 'node:timers/promises';
import { attribute, AttributionMemory, createLifecycle, needsLifeSigns } from '../../agents/index.ts';
import type {
  Attribution,
  Clock,
  LifecycleVerdict,
  LifeSigns,
  ProcessFacts,
  ProcessKey,
  ProcessSample,
  RegistryClaim,
  Source,
  Sweep,
} from '../../model/index.ts';
import { CpuMeter } from './cpu-meter.ts';

/** A live process with all that is known of it. */
export interface WorldRow {
  readonly sample: ProcessSample;
  facts: ProcessFacts;
  attribution: Attribution;
  /** Of the last look; null: not needed, or not looked at yet. */
  signs: LifeSigns | null;
  readonly cpu: CpuMeter;
}

/** The live processes, whose they are, and how they fare. */
export interface World {
  readonly rows: ReadonlyMap<ProcessKey, WorldRow>;
  readonly claims: readonly RegistryClaim[];
  /**
   * Takes in a sweep: every sweep must pass here, since each tells only what changed since the one before. What has just
   * started becomes known one sweep later, unless `complete`: half of all processes are gone by then, and a process
   * between fork and exec still looks like its parent. True when owners may have changed.
   */
  absorb(sweep: Sweep, complete: boolean): Promise<boolean>;
  /** Whether an agent is among them: what it leaves behind should be judged soon. */
  losesAgent(exited: readonly ProcessKey[]): boolean;
  setClaims(claims: readonly RegistryClaim[]): void;
  /** Who owns what, brought up to date. Cheap when nothing changed. */
  attribute(): void;
  /** Reads signs of life where they matter and judges everything. */
  look(): Promise<void>;
  /** Whether a process belongs to an agent's world: an agent, its servers, wrappers and tools, or their orphans. */
  isAgents(key: ProcessKey): boolean;
  verdict(key: ProcessKey): LifecycleVerdict;
  byPid(pid: number): WorldRow | null;
  /** Working directories of the agents that live now, each once. */
  agentDirs(): ReadonlySet<string>;
}

const UNATTRIBUTED: Attribution = {
  role: 'other',
  client: null,
  agent: null,
  sessionId: null,
  agentId: null,
  serverName: null,
  serverHead: null,
  confidence: 0,
  evidence: [],
};

/** The service is nobody's tool, although an agent's relay may have started it. */
const OURSELVES: Attribution = {
  ...UNATTRIBUTED,
  serverName: 'rampart',
  confidence: 100,
  evidence: [{ kind: 'own-pid', detail: 'This is Rampart itself, which belongs to no session.' }],
};

/** Only what belongs to agents is judged, and what stands around it: the rest of a machine is not ours to call idle. */
function withReason(verdict: LifecycleVerdict): LifecycleVerdict {
  return verdict.verdict === 'unknown' ? NOT_JUDGED : verdict;
}

const NOT_JUDGED: LifecycleVerdict = {
  verdict: 'unknown',
  confidence: 0,
  evidence: [{ kind: 'not-an-agents', detail: 'It belongs to no agent, so it is not judged.' }],
  lastActiveMs: null,
};

/** Facts of a thousand processes take a fraction of a second: others get their turn in between. */
const SLICE_MS = 20;

export interface WorldOptions {
  readonly ownPid: number;
  /** See `LifecycleOptions`. */
  readonly confirmMs?: number | undefined;
}

export function createWorld(source: Source, clock: Clock, { ownPid, confirmMs }: WorldOptions): World {
  const rows = new Map<ProcessKey, WorldRow>();
  const pids = new Map<number, WorldRow>();
  const memory = new AttributionMemory();
  const lifecycles = createLifecycle(confirmMs === undefined ? {} : { confirmMs });
  let claims: readonly RegistryClaim[] = [];
  let claimsText = '[]';
  let young: ProcessKey[] = [];

  const drop = (key: ProcessKey): void => {
    const row = rows.get(key);
    if (row === undefined) return;
    rows.delete(key);
    if (pids.get(row.sample.pid) === row) pids.delete(row.sample.pid);
  };

  const readFacts = async (keys: Iterable<ProcessKey>, sweep: Sweep): Promise<void> => {
    let sliceFromMs = clock.monotonicMs();
    for (const key of keys) {
      const sample = sweep.processes.get(key);
      const facts = sample === undefined ? null : await source.facts(sample);
      if (sample === undefined || facts === null) {
        drop(key);
        continue;
      }
      const known = rows.get(key);
      if (known !== undefined) known.facts = facts;
      else add(sample, facts, sweep.atMs);
      if (clock.monotonicMs() - sliceFromMs < SLICE_MS) continue;
      await nextTurn();
      sliceFromMs = clock.monotonicMs();
    }
  };

  const add = (sample: ProcessSample, facts: ProcessFacts, atMs: number): void => {
    const row = { sample, facts, attribution: UNATTRIBUTED, signs: null, cpu: new CpuMeter(sample, atMs) };
    rows.set(sample.key, row);
    pids.set(sample.pid, row);
  };

  /** What a verdict looks at: the process, those above it, and the leader of its POSIX session. */
  const addWithKin = (row: WorldRow, judged: Map<ProcessKey, WorldRow>): void => {
    let at: WorldRow | undefined = row;
    while (at !== undefined && !judged.has(at.sample.key)) {
      judged.set(at.sample.key, at);
      const leader = pids.get(at.sample.sessionLeader);
      if (leader !== undefined) judged.set(leader.sample.key, leader);
      at = pids.get(at.sample.ppid);
    }
  };

  return {
    rows,
    get claims() {
      return claims;
    },
    absorb: async (sweep, complete) => {
      for (const key of sweep.exited) drop(key);
      const due = new Set([...young, ...(sweep.execed ?? [])]);
      young = [];
      if (complete || rows.size === 0) for (const key of sweep.started) due.add(key);
      else young = [...sweep.started];
      await readFacts(due, sweep);
      for (const key of sweep.refreshed) {
        const row = rows.get(key);
        row?.cpu.note(row.sample, sweep.atMs);
      }
      return due.size + sweep.exited.length > 0;
    },
    losesAgent: (exited) => exited.some((key) => rows.get(key)?.attribution.role === 'agent'),
    setClaims: (next) => {
      // The same array tells attribution that nothing changed.
      const text = JSON.stringify(next);
      if (text === claimsText) return;
      claims = next;
      claimsText = text;
    },
    attribute: () => {
      const owners = attribute(rows, claims, memory);
      for (const [key, row] of rows) {
        row.attribution = row.sample.pid === ownPid ? OURSELVES : (owners.get(key) ?? UNATTRIBUTED);
      }
    },
    look: async () => {
      const judged = new Map<ProcessKey, WorldRow>();
      const wanted: ProcessSample[] = [];
      for (const row of rows.values()) {
        row.signs = null;
        const isAgents = needsLifeSigns(row.attribution);
        if (isAgents) wanted.push(row.sample);
        if (isAgents || row.sample.state === 'zombie') addWithKin(row, judged);
      }
      const signs = await source.lifeSigns(wanted);
      for (const [key, found] of signs) {
        const row = rows.get(key);
        if (row !== undefined) row.signs = found;
      }
      lifecycles.observe(clock.nowMs(), judged, claims);
    },
    verdict: (key) =>
      rows.get(key)?.attribution.role === 'other' ? withReason(lifecycles.verdict(key)) : lifecycles.verdict(key),
    isAgents: (key) => (rows.get(key)?.attribution.role ?? 'other') !== 'other',
    byPid: (pid) => pids.get(pid) ?? null,
    agentDirs: () => {
      const dirs = new Set<string>();
      for (const { attribution, facts } of rows.values()) {
        if (attribution.role === 'agent' && facts.cwd !== null) dirs.add(facts.cwd);
      }
      return dirs;
    },
  };
}
