/**
 * Rampart as a library.
 *
 * ```ts
 * import { openRampart, takeLook, watchSelf } from 'rampart';
 * const rampart = await openRampart();            // the user's service; started when none runs
 * const { sessions, unattributed } = await rampart.status();
 * await rampart.close();
 * ```
 */
import type { OwnCache } from './actions/host/cache-door.ts';
import { RampartError, type ProcessId, type Rampart } from './model/index.ts';
import { createSelfSource, systemClock, type SelfSource } from './sources/index.ts';

export {
  initializeMemoryMonitoring,
  MemoryAlertSystem,
  MemoryMonitor,
  MemoryMonitoring,
  MemoryOptimizationEngine,
  MemoryPerformanceDashboard,
  quickSetup,
  SessionMemoryAnalyzer,
} from './faces/library/index.ts';
export type { MemoryOptions, MemoryReport } from './faces/library/index.ts';
export type { OwnCache } from './actions/host/cache-door.ts';
export type * from './model/index.ts';
export { METRICS, RampartError } from './model/index.ts';
export type { GcEvent, GcKind, HeapSpace, SelfSample, SelfSource } from './sources/index.ts';

export interface OpenOptions {
  /** Start a service when none runs (it leaves a minute after its last client). Default true. */
  readonly autoStart?: boolean;
}

/**
 * The service of this user and machine: the same that agents, CLI and HTTP ask. Throws
 * `RampartError('service-unavailable')` when none runs and none may or can be started. Close it when done.
 */
export async function openRampart({ autoStart = true }: OpenOptions = {}): Promise<Rampart> {
  const { ensureService } = await import('./service/socket/ensure.ts');
  return ensureService({ face: 'library', autoStart });
}

/** The same questions, answered by one look taken in this process: no service, no history, no file. */
export async function takeLook(): Promise<Rampart> {
  const { loadConfig, paths } = await import('./config/index.ts');
  const { openPrivate } = await import('./entries/run-service.ts');
  return openPrivate(loadConfig({ projectFile: false }).config, paths(process.env));
}

/** This very process from inside: V8 heap spaces, collections, and the live set after each major one. */
export function watchSelf(options: { readonly maxEvents?: number } = {}): SelfSource {
  return createSelfSource({ clock: systemClock, ...options });
}

let cacheDoor: Promise<{ register(name: string, cache: OwnCache): () => void }> | null = null;

/**
 * Tells Rampart of a cache in this process, so that `clear_caches` (an action, also of agents) can ask for it to be
 * cleared. `bytes` says how much it holds. Answers with a function that takes it back. Linux and macOS.
 */
export async function registerCache(name: string, cache: OwnCache): Promise<() => void> {
  cacheDoor ??= openCacheDoor();
  return (await cacheDoor).register(name, cache);
}

async function openCacheDoor() {
  const [{ createCacheDoor }, { isAlive }, { createHost }, { paths }] = await Promise.all([
    import('./actions/host/cache-door.ts'),
    import('./actions/host/host.ts'),
    import('./actions/host/real-host.ts'),
    import('./config/index.ts'),
  ]);
  const host = createHost();
  const self = host.identity(process.pid);
  const lives = (owner: ProcessId): boolean => isAlive(host, owner);
  if (self !== null) return createCacheDoor(paths(process.env).runtimeDir, self, lives);
  throw new RampartError('unsupported', 'this process cannot tell its own start time', 'Use Linux or macOS.');
}
