import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAudit, type Audit } from '../actions/running/audit.ts';
import { createCacheReader } from '../actions/host/caches.ts';
import type { Tools } from '../actions/define.ts';
import { closeInterrupted } from '../actions/running/interrupted.ts';
import { createHost } from '../actions/host/real-host.ts';
import { createRunner, type RunnerDeps } from '../actions/running/runner.ts';
import type { ActionWorld, Target, View } from '../actions/target.ts';
import type { Config } from '../config/index.ts';
import type { Acting, Clock, Inspector, MetricsAnswer, MetricsQuery, Outcome, Source } from '../model/index.ts';
import type { Engine } from './engine/shape.ts';

export interface ActingDeps {
  readonly engine: Pick<Engine, 'lookNow' | 'observe' | 'publish'>;
  readonly source: Pick<Source, 'lifeSigns' | 'footprint'>;
  readonly history: { query(query: MetricsQuery): Promise<MetricsAnswer> };
  readonly clock: Clock;
  readonly config: Pick<Config, 'actions' | 'actionTriggers' | 'autoOptimization'>;
  readonly auditPath: string;
  readonly runtimeDir: string;
  readonly inspector: Inspector | null;
  readonly captures: Tools['captures'];
  /** What outcomes taught; left out: nothing is known. */
  readonly expected?: RunnerDeps['expected'];
  /** See `EngineDeps.confirmMs`. */
  readonly confirmMs?: number;
}

/** A dead peer must be seen twice, this far apart (`LIFECYCLE_DEFAULTS.confirmMs`). */
const CONFIRM_MS = 1_000;
const CONFIRM_SLACK_MS = 50;
/** Ten minutes of seconds: the trend before an action. */
const TREND_POINTS = 600;

export interface ActingPart {
  readonly questions: Pick<Acting, 'planAction' | 'applyAction' | 'undoAction' | 'audit'>;
  /** Whether an action is under way: a service that leaves now would break it off. */
  readonly isActing: () => boolean;
}

/** The part of `Rampart` that acts: the runner, over the engine's world and the real machine. */
export function createActing(deps: ActingDeps): ActingPart {
  const { clock, config, engine } = deps;
  const { actions, actionTriggers, autoOptimization } = config;
  const host = createHost();
  const audit = createAudit({ path: deps.auditPath });
  closeQuietly(audit, clock);
  const runner = createRunner({
    tools: {
      host,
      inspector: deps.inspector,
      captures: deps.captures,
      caches: createCacheReader(deps.runtimeDir, host.uid),
    },
    world: createActionWorld(deps),
    clock,
    audit,
    settings: {
      graceMs: actions.graceMs,
      emergencyShutdown: actionTriggers.emergencyShutdown,
      automaticShutdown: actionTriggers.automaticShutdown,
    },
    gate: {
      allow: actions.allow,
      protect: actions.protect,
      maxAgentActionsPerHour: actions.maxAgentActions,
      automation: {
        enabled: autoOptimization.enabled,
        aggressiveness: autoOptimization.aggressiveness,
        maxPerHour: autoOptimization.maxAutomations,
        switchedOn: [
          ...(actionTriggers.autoGC || actionTriggers.confirmSuspects ? (['force_gc'] as const) : []),
          ...(actionTriggers.memoryDump ? (['heap_snapshot'] as const) : []),
          ...(actionTriggers.automaticShutdown ? (['emergency_shutdown'] as const) : []),
        ],
      },
    },
    confirm: actions.confirm,
    expected: deps.expected,
    publish: (event) => engine.publish(event),
  });
  let underWay = 0;
  const whole = async (action: Promise<Outcome>): Promise<Outcome> => {
    underWay += 1;
    try {
      return await action;
    } finally {
      underWay -= 1;
    }
  };
  return {
    questions: {
      planAction: (request) => runner.plan(request),
      applyAction: (order) => whole(runner.apply(order)),
      undoAction: (order) => whole(runner.undo(order)),
      audit: async (query) => audit.query(query, clock.nowMs()),
    },
    isActing: () => underWay > 0,
  };
}

/** A log that cannot be read or written is no reason not to watch: it refuses each action when that is asked for. */
function closeQuietly(audit: Audit, clock: Clock): void {
  try {
    closeInterrupted(audit, clock);
  } catch {
    // The next action says it.
  }
}

function createActionWorld({ engine, source, history, confirmMs = CONFIRM_MS }: ActingDeps): ActionWorld {
  const lookNow = async (): Promise<View> => {
    const [view, observed] = [await engine.lookNow(), await engine.observe()];
    const leaks = new Map(observed?.processes.map(({ id, leak }) => [id, leak]));
    const targets = [...view.targets].map(([key, target]) => {
      const leak = leaks.get(key);
      const isLeak = leak?.verdict === 'leaking' || leak?.verdict === 'suspected';
      return [key, isLeak ? { ...target, leak: leak.finding.kind } : target] as const;
    });
    return { ...view, targets: new Map(targets) };
  };
  return {
    look: async ({ settled = false } = {}) => {
      const view = await lookNow();
      if (!settled || ![...view.targets.values()].some(isSeenDeadOnce)) return view;
      await sleep(confirmMs + CONFIRM_SLACK_MS);
      return lookNow();
    },
    signs: (processes) => source.lifeSigns(processes, { thorough: true }),
    footprint: (process) => source.footprint(process),
    trend: async (subject, fromMs, toMs) => {
      const query = { subject, metric: 'rssBytes', fromMs, toMs, maxPoints: TREND_POINTS } as const;
      const { buckets } = await history.query(query);
      return buckets.map(({ tMs, mean }) => ({ tMs, bytes: mean }));
    },
    // MemAvailable, on Linux: what can be had without swapping.
    hostAvailableBytes: async () => freemem(),
  };
}

/** What a second look may make an orphan of. */
const isSeenDeadOnce = ({ signs, verdict }: Target): boolean =>
  signs?.stdinPeer === 'dead' &&
  (verdict.verdict === 'unknown' || verdict.verdict === 'idle' || verdict.verdict === 'busy');
