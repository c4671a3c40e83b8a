import { HIGHEST_RISK } from '../actions/running/gate.ts';
import {
  automationCandidates,
  choose,
  danger,
  objection,
  type Candidate,
  type Learning,
  type Triggers,
} from '../advice/index.ts';
import type { Config } from '../config/index.ts';
import type { Acting, Alert, Clock, Observation, Outcome, Recommendation } from '../model/index.ts';
import type { Engine } from './engine/shape.ts';
import { createSerial } from './engine/serial.ts';
import type { StateFile } from './state-file.ts';

export type AutomationConfig = Pick<Config, 'actionTriggers' | 'autoOptimization' | 'alertThresholds'>;

/** When automatic actions were begun, so that a restart does not begin counting anew. */
export interface AutomationState {
  readonly version: 1;
  readonly begunMs: readonly number[];
}

export interface AutomationDeps {
  readonly acting: Pick<Acting, 'planAction' | 'applyAction'>;
  readonly engine: Pick<Engine, 'observe' | 'subscribe'>;
  readonly advice: {
    recommend(observation: Observation): Promise<readonly Recommendation[]>;
    readonly learning: Learning;
  };
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Null: nothing outlives this run. */
  readonly file: StateFile<AutomationState> | null;
  /** Left out: as documented. */
  readonly pace?: AutomationPace;
  /** The kill switch: asked before every action. */
  readonly isStopped: () => Promise<boolean>;
  readonly onProblem: (what: string, error: unknown) => void;
}

/** Times in ms. */
export interface AutomationPace {
  /** From one decision to the next. */
  readonly decideMs: number;
  /** The same target is left alone for so long after an action: its figures must settle, and its owner may look. */
  readonly targetRestMs: number;
  /** Between two actions that only confirm: each is a pause that nobody asked for. */
  readonly confirmSpacingMs: number;
}

export interface Automation {
  /** One decision, as it is taken with each look. */
  decide(observation: Observation): Promise<void>;
  /** Automatic actions begun in the last hour, and whether anything may be done at all. */
  status(): { readonly lastHour: number; readonly limit: number; readonly enabled: boolean };
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Decided with each look of the engine. */
const PACE: AutomationPace = { decideMs: 10_000, targetRestMs: 10 * 60_000, confirmSpacingMs: 10 * 60_000 };
/** What was refused is asked again this much later. */
const REFUSAL_REST_MS = 10 * 60_000;
/** The same for a look inside: its reasons (a terminal at stderr, a handler of its own) last as long as the process. */
const CONFIRM_REFUSAL_REST_MS = 6 * HOUR_MS;
/** Part of the hour's automatic actions that may only confirm: the others are for what saves memory. */
const CONFIRM_SHARE = 0.5;
const MAX_RESTS = 1_000;

/**
 * Acts by itself, as far as the configuration allows: at most so often an hour, counted on disk before an action begins;
 * never two on one target; what failed or harmed is chosen less. Every action goes through plan and apply, so that gate,
 * identity check and audit are those of everybody.
 */
export async function createAutomation(config: AutomationConfig, deps: AutomationDeps): Promise<Automation> {
  const { acting, engine, advice, clock, file, onProblem, pace = PACE } = deps;
  const { enabled, aggressiveness, maxAutomations } = config.autoOptimization;
  const { autoGC, confirmSuspects, memoryDump, automaticShutdown } = config.actionTriggers;
  const isEnabled = (enabled || autoGC || confirmSuspects || memoryDump || automaticShutdown) && maxAutomations > 0;
  const triggers: Triggers = {
    autoGC,
    confirmSuspects,
    memoryDump,
    automaticShutdown,
    highestRisk: enabled ? HIGHEST_RISK[aggressiveness] : null,
    heapShare: config.alertThresholds.heap.warning,
  };
  let begunMs: readonly number[] = isEnabled ? ((await file?.read())?.begunMs ?? []) : [];
  /** Targets that are not touched before this time. */
  const rests = new Map<string, number>();
  const busy = new Set<string>();
  const firing = new Map<string, Alert>();
  const serial = createSerial();
  let pausedUntilMs = 0;
  let decidedAtMs = Number.NEGATIVE_INFINITY;
  let deciding: Promise<void> | null = null;
  let isClosed = false;

  /** A clock that was set back must not make what was begun vanish: what lies ahead counts too. */
  const lastHour = (): readonly number[] => begunMs.filter((atMs) => atMs > clock.nowMs() - HOUR_MS);

  const isFree = (candidate: Candidate): boolean =>
    !busy.has(candidate.target) &&
    [candidate.target, refusalKey(candidate)].every((key) => (rests.get(key) ?? 0) <= clock.nowMs());

  const mayConfirm = (): boolean => {
    const begun = lastHour();
    const isSpaced = begun.every((atMs) => clock.nowMs() - atMs >= pace.confirmSpacingMs);
    return isSpaced && begun.length < Math.floor(maxAutomations * CONFIRM_SHARE);
  };

  const rest = (key: string, forMs: number): void => {
    rests.delete(key);
    rests.set(key, clock.nowMs() + forMs);
    const oldest = rests.keys().next();
    if (rests.size > MAX_RESTS && oldest.done !== true) rests.delete(oldest.value);
  };

  /** Emergencies first and in order; recommendations compete by what is believed of them; then what only wants to know. */
  const pick = (candidates: readonly Candidate[]): Candidate | null => {
    const posteriorOf = (candidate: Candidate) => advice.learning.posterior(candidate.case, clock.nowMs());
    const urgent = candidates.find((candidate) => isUrgent(candidate) && objection(posteriorOf(candidate)) === null);
    if (urgent !== undefined) return urgent;
    const choices = candidates
      .filter(({ trigger }) => trigger === 'autoOptimization')
      .map((item) => ({ item, risk: item.risk, sizeBytes: item.sizeBytes, posterior: posteriorOf(item) }));
    const chosen = choose(choices, deps.random)?.item ?? null;
    if (chosen !== null || !mayConfirm()) return chosen;
    const asked = candidates.filter(({ trigger }) => trigger === 'confirmSuspects');
    return asked.find((candidate) => danger(posteriorOf(candidate)) === null) ?? null;
  };

  const decideNow = async (observation: Observation): Promise<void> => {
    if (!isEnabled || isClosed || clock.nowMs() < pausedUntilMs || lastHour().length >= maxAutomations) return;
    if (await deps.isStopped()) return;
    const recommendations = triggers.highestRisk === null ? [] : await advice.recommend(observation);
    const candidates = automationCandidates(observation, [...firing.values()], recommendations, triggers).filter(
      isFree,
    );
    const candidate = pick(candidates);
    if (candidate === null) return;
    const { action, target, parameters, reason, trigger } = candidate;
    const plan = await acting.planAction({
      action,
      target,
      parameters,
      origin: 'automation',
      reason: `${trigger}: ${reason}`,
    });
    const touched = plan.targets.filter(({ refusal }) => refusal === null).map(({ process }) => process.id);
    if (plan.refusal !== null || plan.token === null || touched.length === 0 || touched.some((id) => busy.has(id))) {
      rest(refusalKey(candidate), trigger === 'confirmSuspects' ? CONFIRM_REFUSAL_REST_MS : REFUSAL_REST_MS);
      return;
    }
    // Counted first: what crashes between the two has used up its place, and can never be done twice for one.
    begunMs = [...lastHour(), clock.nowMs()];
    await file?.write({ version: 1, begunMs });
    if (isClosed || (await deps.isStopped())) return;
    const keys = [target, ...touched];
    for (const key of keys) busy.add(key);
    void acting
      .applyAction({ token: plan.token })
      .then(
        (outcome) => heed(outcome, trigger),
        (error: unknown) => onProblem(`the automatic ${action} failed`, error),
      )
      .finally(() => {
        for (const key of keys) {
          busy.delete(key);
          rest(trigger === 'confirmSuspects' ? confirmKey(key) : key, pace.targetRestMs);
        }
      });
  };

  /** One decision after the other: two at once would both see the last free place. */
  const decide = (observation: Observation): Promise<void> => serial(() => decideNow(observation));

  /** An action that did harm stops automation for an hour: somebody should look before the next. */
  const heed = ({ result, action, summary, reclaimedBytes }: Outcome, trigger: Candidate['trigger']): void => {
    if (result !== 'harmful') return;
    // Who is asked because it grows may grow on meanwhile; harm is that it ended, then it uses less.
    if (trigger === 'confirmSuspects' && reclaimedBytes !== null && reclaimedBytes < 0) return;
    pausedUntilMs = clock.nowMs() + HOUR_MS;
    onProblem(`automation rests for an hour: ${action} did harm`, new Error(summary));
  };

  const decideSoon = (): void => {
    if (deciding !== null) return;
    decidedAtMs = clock.monotonicMs();
    deciding = engine
      .observe()
      .then((observation) => (observation === null ? undefined : decide(observation)))
      .catch((error: unknown) => onProblem('automation could not decide', error))
      .finally(() => (deciding = null));
  };

  const stop = isEnabled
    ? await engine.subscribe((event) => {
        if (event.type === 'alert') {
          const { alert } = event;
          if (event.change === 'resolved') firing.delete(alert.fingerprint);
          else firing.set(alert.fingerprint, alert);
          if (alert.level === 'emergency' && event.change !== 'resolved') decideSoon();
        } else if (event.type === 'tick' && clock.monotonicMs() - decidedAtMs >= pace.decideMs) decideSoon();
      })
    : () => undefined;

  return {
    decide,
    status: () => ({
      lastHour: lastHour().length,
      limit: maxAutomations,
      enabled: isEnabled && clock.nowMs() >= pausedUntilMs,
    }),
    close: async () => {
      isClosed = true;
      stop();
      await deciding;
    },
  };
}

const isUrgent = ({ trigger }: Candidate): boolean => trigger !== 'autoOptimization' && trigger !== 'confirmSuspects';

/** What only wants to know must not keep from what helps: it rests by itself. */
const confirmKey = (target: string): string => `confirmSuspects ${target}`;
const refusalKey = ({ trigger, action, target }: Candidate): string =>
  trigger === 'confirmSuspects' ? confirmKey(target) : `${action} ${target}`;
