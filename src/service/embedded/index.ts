import { createCacheReader } from '../../actions/host/caches.ts';
import { createHost } from '../../actions/host/real-host.ts';
import type { Config, Paths } from '../../config/index.ts';
import { createLeakDetector } from '../../detectors/index.ts';
import type { LeakFinding, ObservedProcess, Outcome, ProcessKey, Rampart } from '../../model/index.ts';
import { createSelfSource, openSource, systemClock, type SelfSample } from '../../sources/index.ts';
import { createAdvising, type AdvisingPart } from '../advising.ts';
import { createAlerting } from '../alerting.ts';
import { createAutomation } from '../automation.ts';
import { compose, noParts } from '../compose.ts';
import { createEngine } from '../engine/engine.ts';
import { createKillSwitch } from '../kill-switch.ts';
import { createProjectFiles } from '../projects.ts';
import { createTicker } from '../engine/ticker.ts';
import { createOwnActing } from './own-acting.ts';

/** Rampart inside a program: it sees the machine as the service does, and this process's own heap from inside. */
export interface Embedded {
  readonly rampart: Rampart;
  /** The newest look at this process, taken now. */
  readonly sample: () => SelfSample;
  /** Earlier looks, oldest first; at most `historySize`. */
  readonly samples: () => readonly SelfSample[];
  /** What the detectors say of this process, by its own live set after collections. */
  readonly leak: () => LeakFinding;
  /** Plans and does an action on this process. */
  optimize(action: 'force_gc' | 'compact_heap' | 'clear_caches'): Promise<Outcome>;
  onSample(listener: (sample: SelfSample) => void): void;
  close(): Promise<void>;
}

/** Looks that the trend before an action is drawn through: half a minute at the usual interval. */
const TREND_POINTS = 30;

/** Opens it and begins to look. Its timers keep no program alive. */
export async function openEmbedded(
  config: Config,
  places: Paths,
  onProblem: (what: string, error: unknown) => void,
): Promise<Embedded> {
  const clock = systemClock;
  const self = createSelfSource({ clock });
  const source = openSource({ clock, pssBudgetMsPerSecond: config.pssBudgetMsPerSecond });
  const files = createProjectFiles(config, false);
  const detector = createLeakDetector();
  const samples: SelfSample[] = [];
  const listeners: ((sample: SelfSample) => void)[] = [];
  let floorBytes: number | null = null;
  const host = createHost();
  const own = host.identity(process.pid);
  const heaps = new Map<ProcessKey, NonNullable<ObservedProcess['heap']>>();

  let usualFootprint: AdvisingPart['usualFootprint'] = () => null;
  const engine = createEngine(config, {
    clock,
    source,
    history: null,
    readRegistry: (workingDirs) => files.read(workingDirs),
    origin: 'one-shot',
    ownPid: process.pid,
    heaps,
    // Advice learns from what the engine sees, and is made after it.
    usualFootprint: (experience) => usualFootprint(experience),
    onProblem: (error) => onProblem('a look failed', error),
  });

  const look = async (): Promise<void> => {
    const sample = self.sample();
    samples.push(sample);
    if (own !== null) heaps.set(`${own.pid}:${own.startTime}`, heapOf(sample));
    if (samples.length > config.historySize) samples.shift();
    const isNew = sample.heapUsedAfterMajorGcBytes !== floorBytes;
    floorBytes = sample.heapUsedAfterMajorGcBytes;
    detector.push({
      tMs: sample.atMs,
      rssBytes: sample.rssBytes,
      heapUsedBytes: sample.heapUsedBytes,
      externalBytes: sample.externalBytes,
      gcFloorBytes: isNew ? floorBytes : null,
    });
    for (const listener of listeners) listener(sample);
  };
  const ticker = createTicker(clock, config.sampleInterval, look);

  const caches = createCacheReader(places.runtimeDir, host.uid);
  const acting = createOwnActing({
    clock,
    observe: () => engine.observe(),
    publish: (event) => engine.publish(event),
    points: () => samples.slice(-TREND_POINTS),
    clearCaches: async (name) => (own === null ? null : caches.clear(own, name)),
  });
  const advising = await createAdvising(config, {
    engine,
    clock,
    file: null,
    automations: () => automation.status(),
    onProblem,
  });
  usualFootprint = advising.usualFootprint;
  const alerting = await createAlerting(config, { engine, clock, file: null, sink: () => undefined, onProblem });
  // Its own floors are seen as they come; others' processes are not touched.
  const actionTriggers = { ...config.actionTriggers, confirmSuspects: false };
  const automation = await createAutomation(
    { ...config, actionTriggers },
    {
      acting,
      engine,
      advice: advising,
      clock,
      random: Math.random,
      file: null,
      isStopped: createKillSwitch(places.killSwitchPath).isStopped,
      onProblem,
    },
  );
  const rampart = compose(engine, {
    ...noParts('the library has no part for this', 'Ask the service: openRampart().'),
    ...alerting.questions,
    ...advising.questions,
    ...acting,
  });
  await look();
  await engine.tick();
  engine.start();
  ticker.start();

  return {
    rampart,
    sample: () => self.sample(),
    samples: () => samples,
    leak: () => detector.verdict(clock.nowMs()),
    optimize: async (action) => {
      const plan = await acting.planAction({ action, target: 'self', origin: 'user' });
      return acting.applyAction({ token: plan.token ?? '' });
    },
    onSample: (listener) => void listeners.push(listener),
    close: async () => {
      await ticker.stop();
      await engine.stop();
      await automation.close();
      await Promise.all([alerting.close(), advising.close()]);
      self.close();
      await Promise.all([files.close(), source.close()]);
    },
  };
}

function heapOf(sample: SelfSample): NonNullable<ObservedProcess['heap']> {
  return {
    threadId: 0,
    name: 'main',
    usedBytes: sample.heapUsedBytes,
    totalBytes: sample.heapTotalBytes,
    physicalBytes: sample.spaces.reduce((sum, { physicalBytes }) => sum + physicalBytes, 0),
    limitBytes: sample.heapLimitBytes,
    externalBytes: sample.externalBytes,
    arrayBuffersBytes: sample.arrayBuffersBytes,
    spaces: sample.spaces,
    atMs: sample.atMs,
    isAfterGc: false,
  };
}
