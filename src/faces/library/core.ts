import { loadConfig, paths, type Config } from '../../config/index.ts';
import type { Embedded } from '../../service/embedded/index.ts';

/**
 * Options by their nested names, as in the configuration file: `{ sampleInterval: 500, alertThresholds: { memory: {
 * warning: 0.7 } } }`. Sections that have a switch may be a boolean: `{ autoOptimization: true }`.
 */
export interface MemoryOptions {
  readonly [name: string]: unknown;
}

/** What every view of one program shares: one engine, opened with the first `start()`, closed with the last `stop()`. */
export interface Core {
  readonly config: Config;
  start(): Promise<Embedded>;
  stop(): Promise<void>;
  /** Throws when it was not started. */
  engine(): Embedded;
}

export function createCore(options: MemoryOptions): Core {
  const { config } = loadConfig({ flags: flatten(options), projectFile: false });
  const problems = (what: string, error: unknown): void =>
    process.emitWarning(`${what}: ${error instanceof Error ? error.message : String(error)}`, 'RampartWarning');
  let opening: Promise<Embedded> | null = null;
  let engine: Embedded | null = null;
  let users = 0;
  return {
    config,
    start: async () => {
      users += 1;
      opening ??= open(config, problems);
      engine = await opening;
      return engine;
    },
    stop: async () => {
      users = Math.max(0, users - 1);
      if (users > 0 || opening === null) return;
      const closing = await opening;
      [opening, engine] = [null, null];
      await closing.close();
    },
    engine: () => {
      if (engine !== null) return engine;
      throw new TypeError('not started: call start() first');
    },
  };
}

/** Loaded with the first start: whoever only imports us pays for the configuration's schema and no more. */
async function open(config: Config, onProblem: (what: string, error: unknown) => void): Promise<Embedded> {
  const { openEmbedded } = await import('../../service/embedded/index.ts');
  return openEmbedded(config, paths(process.env), onProblem);
}

/** `{ a: { b: 1 } }` → `{ 'a.b': 1 }`; `{ a: true }` → `{ 'a.enabled': true }` for the sections that have a switch. */
function flatten(options: MemoryOptions, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]): [string, unknown][] => {
      const path = prefix + name;
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return Object.entries(flatten(value as MemoryOptions, `${path}.`));
      }
      const isSwitch = typeof value === 'boolean' && SWITCHED.includes(path);
      return [[isSwitch ? `${path}.enabled` : path, value]];
    }),
  );
}

const SWITCHED = ['leakDetection', 'fragmentation', 'autoOptimization', 'learningMode', 'alerts'];
