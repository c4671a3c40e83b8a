import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '../../../src/config/index.ts';
import { createMemoryStore, openHistory } from '../../../src/history/index.ts';
import type { Acting, Inspector, ProcessKey, RampartEvent } from '../../../src/model/index.ts';
import { createActing } from '../../../src/service/acting.ts';
import { createEngine } from '../../../src/service/engine/engine.ts';
import type { Engine } from '../../../src/service/engine/shape.ts';
import { openSource, systemClock } from '../../../src/sources/index.ts';

/** Engine and actions over this machine, without a service around them. */
export interface RealActing extends Pick<Acting, 'planAction' | 'applyAction' | 'undoAction' | 'audit'> {
  readonly engine: Engine;
  readonly auditPath: string;
  readonly events: RampartEvent[];
  keyOf(pid: number): Promise<ProcessKey>;
  close(): Promise<void>;
}

export interface RealActingOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly inspector?: Inspector | null;
  readonly confirmMs?: number;
}

export async function openRealActing(options: RealActingOptions = {}): Promise<RealActing> {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-acting-'));
  const clock = systemClock;
  const source = openSource({ clock });
  const history = await openHistory({ store: createMemoryStore(), clock });
  const config: Config = loadConfig({
    flags: options.config ?? {},
    env: {},
    cwd: dir,
    home: dir,
    projectFile: false,
  }).config;
  const confirmMs = options.confirmMs ?? 300;
  const engine = createEngine(config, {
    clock,
    source,
    history,
    readRegistry: async () => ({ claims: [], problems: [] }),
    origin: 'service',
    ownPid: process.pid,
    confirmMs,
  });
  const events: RampartEvent[] = [];
  await engine.subscribe((event) => void events.push(event));
  const auditPath = join(dir, 'audit', 'actions.jsonl');
  const acting = createActing({
    engine,
    source,
    history,
    clock,
    config,
    auditPath,
    runtimeDir: join(dir, 'run'),
    inspector: options.inspector ?? null,
    captures: null,
    confirmMs,
  });
  return {
    ...acting.questions,
    engine,
    auditPath,
    events,
    keyOf: async (pid) => {
      const found = [...(await engine.lookNow()).targets.values()].find((each) => each.pid === pid);
      if (found === undefined) throw new Error(`pid ${pid} was not seen`);
      return found.id;
    },
    close: async () => {
      await engine.stop();
      await history.close();
      await source.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
