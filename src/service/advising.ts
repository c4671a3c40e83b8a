import {
  createLearning,
  recommend,
  report,
  RECOMMENDATION_LIMITS,
  type Known,
  type LearnedState,
  type Learning,
} from '../advice/index.ts';
import type { RunnerDeps } from '../actions/running/runner.ts';
import type { Config } from '../config/index.ts';
import {
  RampartError,
  type AdviceQuery,
  type Advising,
  type Clock,
  type LearnedReport,
  type LearnedThreshold,
  type Observation,
  type Recommendation,
} from '../model/index.ts';
import type { Engine } from './engine/shape.ts';
import { expectedEffect } from './expected-effect.ts';
import { createLeakyPackages } from './leaks/leaky-packages.ts';
import type { StateFile } from './state-file.ts';

export interface AdvisingDeps {
  readonly engine: Pick<Engine, 'observe' | 'subscribe'>;
  readonly clock: Clock;
  /** Null: nothing outlives this run. */
  readonly file: StateFile<LearnedState> | null;
  /** Of automation. */
  readonly automations: () => LearnedReport['automations'];
  readonly onProblem: (what: string, error: unknown) => void;
}

export interface AdvisingPart {
  readonly questions: Advising;
  readonly learning: Learning;
  /** For plans of actions. */
  readonly expected: NonNullable<RunnerDeps['expected']>;
  /** The size from which on what runs under this name is unusual; null: not learned yet, or switched off. */
  readonly usualFootprint: (experience: string) => LearnedThreshold | null;
  readonly recommend: (observation: Observation) => Promise<readonly Recommendation[]>;
  readonly close: () => Promise<void>;
}

/** An outcome is written soon after it; what is usual moves slowly, and a crash may cost ten minutes of it. */
const OUTCOME_WRITE_MS = 5_000;
const USUAL_WRITE_MS = 10 * 60_000;
/** What is usual is looked at once a minute. */
const USUAL_MS = 60_000;

/** Recommendations of the service, and what it learned from outcomes and from what is usual. */
export async function createAdvising(config: Pick<Config, 'learningMode'>, deps: AdvisingDeps): Promise<AdvisingPart> {
  const { engine, clock, file, onProblem } = deps;
  const { enabled, patternRecognition, adaptiveThresholds } = config.learningMode;
  const learning = createLearning((await file?.read()) ?? undefined);
  const packages = createLeakyPackages();
  let usual: ReadonlyMap<string, LearnedThreshold> = new Map();
  let observedAtMs = Number.NEGATIVE_INFINITY;
  let dirtyOutcomes = false;
  let dirtyUsual = false;
  let writtenAtMs = clock.monotonicMs();
  let writing: Promise<void> = Promise.resolve();

  /** Worked out once a minute: a thousand processes ask for it with every look. */
  const noteUsual = (): void => {
    if (!enabled || !adaptiveThresholds) return;
    const sizes = learning.thresholds().filter(({ metric }) => metric === 'footprintBytes');
    usual = new Map(sizes.map((threshold) => [threshold.role, threshold]));
  };
  noteUsual();

  const write = (): Promise<void> => {
    writtenAtMs = clock.monotonicMs();
    [dirtyOutcomes, dirtyUsual] = [false, false];
    writing = writing
      .then(() => file?.write(learning.state()))
      .catch((error: unknown) => {
        dirtyOutcomes = true;
        onProblem('what was learned could not be written', error);
      });
    return writing;
  };

  const writeIfDue = (): void => {
    const sinceMs = clock.monotonicMs() - writtenAtMs;
    if ((dirtyOutcomes && sinceMs >= OUTCOME_WRITE_MS) || (dirtyUsual && sinceMs >= USUAL_WRITE_MS)) void write();
  };

  const observe = (): void => {
    observedAtMs = clock.monotonicMs();
    void engine
      .observe()
      .then((observation) => {
        if (observation === null) return;
        learning.observe(observation);
        noteUsual();
        dirtyUsual = true;
      })
      .catch((error: unknown) => onProblem('what is usual could not be learned', error));
  };

  const stop = enabled
    ? await engine.subscribe((event) => {
        if (event.type === 'outcome' && patternRecognition)
          dirtyOutcomes = learning.learn(event.outcome) || dirtyOutcomes;
        if (event.type !== 'tick') return;
        if (adaptiveThresholds && clock.monotonicMs() - observedAtMs >= USUAL_MS) observe();
        writeIfDue();
      })
    : () => undefined;

  const knownOf = (observation: Observation): Known => ({
    learned: learning,
    leakyPackages: packages.find(observation.processes),
  });

  const questions: Advising = {
    recommend: async (query) => {
      check(query);
      const observation = await engine.observe();
      if (observation === null) {
        throw new RampartError('service-busy', 'nothing was seen yet', 'Ask again in two seconds.');
      }
      return report(observation, knownOf(observation), query);
    },
    learned: async (query) => {
      const effects = learning.effects(query, clock.nowMs());
      const thresholds = query.action === undefined ? learning.thresholds(query.role) : [];
      const outcomes = effects.reduce((total, effect) => total + effect.outcomes, 0);
      return {
        schemaVersion: 1,
        atMs: clock.nowMs(),
        effects,
        thresholds,
        automations: deps.automations(),
        summary: summarise(effects.length, outcomes, thresholds.length, enabled),
      };
    },
    forgetLearned: async (order) => {
      const forgotten = learning.forget(order);
      noteUsual();
      await write();
      return { forgotten };
    },
  };

  return {
    questions,
    learning,
    expected: (action, targets, view) => expectedEffect(learning, action, targets, view, clock.nowMs()),
    usualFootprint: (experience) => usual.get(experience) ?? null,
    recommend: async (observation) => recommend(observation, knownOf(observation)),
    close: async () => {
      stop();
      if (dirtyOutcomes || dirtyUsual) await write();
      await writing;
    },
  };
}

function check({ limit }: AdviceQuery): void {
  const { min, max } = RECOMMENDATION_LIMITS;
  if (limit === undefined || (Number.isInteger(limit) && limit >= min && limit <= max)) return;
  throw new RampartError('bad-input', `limit is ${limit}`, `Valid: ${min} to ${max}.`);
}

function summarise(cases: number, outcomes: number, thresholds: number, enabled: boolean): string {
  if (!enabled) return 'Learning is switched off (learningMode.enabled).';
  if (cases === 0 && thresholds === 0)
    return 'Nothing was learned yet: no action was carried out, and what is usual takes hours to see.';
  return `${outcomes} ${outcomes === 1 ? 'outcome' : 'outcomes'} in ${cases} ${cases === 1 ? 'case' : 'cases'}; ${thresholds} usual ${thresholds === 1 ? 'level' : 'levels'}.`;
}
