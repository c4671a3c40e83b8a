import { mkdirSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createMemoryStore, openHistory } from '../../../src/history/index.ts';
import { createSessionFiles, readRegistry } from '../../../src/integrations/index.ts';
import type { AuditEntry, Death, ExitWatch, ProcessKey } from '../../../src/model/index.ts';
import { type BlackBox, openBlackBox } from '../../../src/service/black-box/black-box.ts';
import { createEngine } from '../../../src/service/engine/engine.ts';
import type { Engine } from '../../../src/service/engine/shape.ts';
import {
  createDeathTraces,
  openSource,
  openWitness,
  runsNow,
  systemClock,
  zombieStatus,
} from '../../../src/sources/index.ts';
import { until } from '../service/sandbox.ts';
import { createSwarm, type StandInAgent, type Swarm } from '../swarm/swarm.ts';
import { createFakeJournal, type FakeJournal } from './fake-journal.ts';

const FATES = fileURLToPath(new URL('fates.mjs', import.meta.url));
/** Looks as often as this, and waits as long as this for logs: a test need not wait as long as the service does. */
const LOOK_MS = 250;
const SETTLE_MS = 400;
/** A query looks again when the last full look is older than a second. */
const FRESH_MS = 1_050;

export const CONFIG = {
  sampleInterval: LOOK_MS,
  memoryThresholds: { warning: 0.75, critical: 0.85, emergency: 0.95 },
  room: { reserveShare: 0.15 },
};

export interface Victim {
  readonly pid: number;
  readonly key: ProcessKey;
  /** Lets its fate come. */
  trigger(): void;
}

/** This machine under a real engine and black box, with a stand-in agent whose children can be made to die. */
export interface Stage {
  readonly swarm: Swarm;
  readonly agent: StandInAgent;
  readonly engine: Engine;
  readonly blackBox: BlackBox;
  readonly journal: FakeJournal;
  readonly deaths: readonly Death[];
  /** Lines of the audit log, as the runner of actions writes them. */
  audit(entry: Omit<AuditEntry, 'atMs' | 'id' | 'origin'>): void;
  /** A server (or tool) of the agent, once the engine knows it. */
  victim(fate: string, options?: { readonly tool?: boolean; readonly flags?: readonly string[] }): Promise<Victim>;
  /** A line of the session's transcript. */
  transcript(record: object): void;
  /** A look at everything at once: quiet processes are looked at every 8 s otherwise. */
  look(): Promise<void>;
  deathOf(key: ProcessKey): Promise<Death>;
  end(): Promise<void>;
}

/** `exits`: without a witness the machine is as old kernels are to users. */
export async function openStage(
  session: string,
  exits: ExitWatch = openWitness({ clock: systemClock }),
): Promise<Stage> {
  const swarm = createSwarm();
  const clock = systemClock;
  const source = openSource({ clock });
  const history = await openHistory({ store: createMemoryStore(), clock, flushIntervalMs: 0 });
  const journal = createFakeJournal(swarm.directory);
  const deaths: Death[] = [];
  const audit: AuditEntry[] = [];
  const problems: unknown[] = [];
  const engine = createEngine(CONFIG, {
    clock,
    source,
    history,
    readRegistry: () =>
      readRegistry({
        claudeConfigDir: swarm.configDir,
        projects: [],
        integrations: {
          claudeSessions: true,
          claudeFlow: false,
          hiveDb: false,
          memoryBank: false,
          memoryIntegrationFile: false,
        },
      }),
    origin: 'service',
    ownPid: process.pid,
    onProblem: (error) => problems.push(error),
  });
  const blackBox = await openBlackBox({
    engine,
    clock,
    store: createMemoryStore(),
    query: (query) => history.query(query),
    exits,
    zombie: ({ sample, facts }) => zombieStatus(sample, facts.uid === process.getuid?.()),
    runsNow,
    traces: createDeathTraces({ clock, journalctl: journal.program, journalDirectories: journal.directories }),
    sessionFiles: createSessionFiles({ home: swarm.directory, claudeConfigDir: swarm.configDir }),
    audit: async (fromMs) => audit.filter(({ atMs }) => atMs >= fromMs),
    shortPath: (path) => path,
    bootId: 'boot',
    onProblem: (error) => problems.push(error),
    settleMs: SETTLE_MS,
  });
  await engine.subscribe((event) => {
    if (event.type === 'death') deaths.push(event.death);
  });
  const agent = await swarm.startAgent(session);
  const transcripts = join(swarm.configDir, 'projects', '-stage');
  mkdirSync(transcripts, { recursive: true });
  engine.start();
  let victims = 0;
  // The agent answers one order at a time.
  let orders: Promise<unknown> = Promise.resolve();

  return {
    swarm,
    agent,
    engine,
    blackBox,
    journal,
    deaths,
    audit: (entry) => audit.push({ ...entry, atMs: clock.nowMs(), id: 'plan', origin: 'user' }),
    victim: async (fate, { tool = false, flags = [] } = {}) => {
      const trigger = join(swarm.directory, `trigger-${(victims += 1)}`);
      const args = [...flags, FATES, fate, trigger];
      const ordered = orders.then(() => agent.start({ command: process.execPath, args, tool, cwd: swarm.directory }));
      orders = ordered;
      const { pid } = await ordered;
      const wanted = tool ? 'tool' : 'server';
      const row = () => [...engine.rows.values()].find(({ sample }) => sample.pid === pid);
      await until(`${fate} is known as ${wanted}`, () => row()?.attribution.role === wanted);
      return { pid, key: `${pid}:${row()?.sample.startTime ?? 0}`, trigger: () => writeFileSync(trigger, '') };
    },
    transcript: (record) => appendFileSync(join(transcripts, `${session}.jsonl`), `${JSON.stringify(record)}\n`),
    look: async () => {
      await sleep(FRESH_MS);
      await engine.listProcesses({ limit: 1 });
    },
    deathOf: async (key) => {
      await until(`the death of ${key}`, () => deaths.some(({ process }) => process.id === key), 20_000);
      const death = deaths.find(({ process }) => process.id === key);
      if (death === undefined) throw new Error(`no death of ${key}`);
      return death;
    },
    end: async () => {
      await blackBox.close();
      await engine.stop();
      await swarm.end();
      await history.close();
      await source.close();
      rmSync(swarm.directory, { recursive: true, force: true });
      if (problems.length > 0) throw new AggregateError(problems, 'problems on the stage');
    },
  };
}
