import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller, LeakQuery, MetricsQuery, ProcessQuery, Rampart, RampartEvent } from '../../model/index.ts';
import { compose, noParts } from '../compose.ts';
import { createEngine } from './engine.ts';
import type { EngineConfig, EngineDeps } from './shape.ts';

/** Two looks this far apart: a dead peer must be seen twice, and CPU shares need two readings. */
const SPAN_MS = 300;

/**
 * `Rampart` without a service: an engine in this process that looks twice when it is first asked, keeps no history and
 * starts no timer. Closing it closes nothing of its caller's.
 */
export function createOneShot(config: EngineConfig, deps: Omit<EngineDeps, 'history' | 'origin'>): Rampart {
  const engine = createEngine(config, { ...deps, history: null, origin: 'one-shot', confirmMs: SPAN_MS - 50 });
  let warm: Promise<void> | null = null;

  const warmUp = (): Promise<void> => {
    warm ??= engine
      .tick()
      .then(() => sleep(SPAN_MS))
      .then(() => engine.tick());
    return warm;
  };

  const after =
    <A extends unknown[], T>(question: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await warmUp();
      return question(...args);
    };

  const watching = {
    status: after(() => engine.status()),
    self: after((caller: Caller) => engine.self(caller)),
    listProcesses: after((query: ProcessQuery) => engine.listProcesses(query)),
    queryMetrics: (query: MetricsQuery) => engine.queryMetrics(query),
    detectLeaks: after((query: LeakQuery) => engine.detectLeaks(query)),
    health: after(() => engine.health()),
    doctor: () => engine.doctor(),
    subscribe: (listener: (event: RampartEvent) => void) => engine.subscribe(listener),
    close: () => engine.close(),
  };
  return compose(
    watching,
    noParts(
      'a single look has no alerts, no memory and no hands',
      'Ask the service: `rampart start`, or any MCP client, runs one.',
    ),
  );
}
