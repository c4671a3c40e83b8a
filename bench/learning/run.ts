import { choose, createLearning, CONFIDENCE, type Learning } from '../../src/advice/learning/index.ts';
import { quantile } from '../../src/advice/learning/student.ts';
import { createWorld, generator, timeOf, type Arm, type WorldOptions } from './world.ts';

export interface RunResult {
  /** Saving of the policy, and of the best fixed one (the best action for each role in hindsight), in bytes. */
  readonly savedBytes: number;
  readonly bestBytes: number;
  /** Outcomes that fell into the interval that was given before them; of how many. */
  readonly held: number;
  readonly given: number;
  /** True means that lay in the interval of the mean. */
  readonly meanHeld: number;
  /** Of the choices after the first fifty outcomes: most that went to one harmful arm, and to all of them. */
  readonly worstHarmfulShare: number;
  readonly harmfulShare: number;
  readonly idle: number;
}

/** True effects from here on down count as harmful: the world draws them between −5 and −25 % of the footprint. */
const HARMFUL = -0.05;
const GRACE = 50;

/** The policy of automation on a made-up world: at each step a target of a random role wants something done. */
export function run(options: WorldOptions): RunResult {
  const world = createWorld(options);
  const random = generator(options.seed ^ 0x5eed);
  const learning = createLearning();
  const harmful = new Map<Arm, number>();
  const best = new Map<string, Map<Arm, number>>();
  let [savedBytes, held, given, meanHeld, outcomes, late, idle] = [0, 0, 0, 0, 0, 0, 0];
  for (let step = 0; step < options.outcomes; step += 1) {
    const role = world.roles[Math.floor(random() * world.roles.length)] ?? '';
    const arms = world.arms.filter((arm) => arm.role === role);
    const hindsight = best.get(role) ?? new Map<Arm, number>();
    best.set(role, hindsight);
    for (const arm of arms) hindsight.set(arm, (hindsight.get(arm) ?? 0) + arm.effect(step) * arm.sizeBytes);
    const chosen = pick(learning, arms, step, random);
    if (outcomes >= GRACE) late += 1;
    if (chosen === null) {
      idle += 1;
      continue;
    }
    const truth = chosen.effect(step);
    savedBytes += truth * chosen.sizeBytes;
    if (outcomes >= GRACE && truth <= HARMFUL) harmful.set(chosen, (harmful.get(chosen) ?? 0) + 1);
    const outcome = world.outcome(chosen, step);
    const before = learning.posterior({ ...chosen, finding: 'v8-heap' }, timeOf(step));
    const size = outcome.before?.rssBytes ?? 0;
    const expected = learning.expected({ ...chosen, finding: 'v8-heap' }, size, timeOf(step));
    if (expected.lowBytes !== null && expected.highBytes !== null) {
      const effect = (outcome.reclaimedBytes ?? 0) - (outcome.counterfactualBytes ?? 0);
      given += 1;
      if (effect >= expected.lowBytes && effect <= expected.highBytes) held += 1;
      const width = quantile((1 + CONFIDENCE) / 2, before.dof) * Math.sqrt(before.variance);
      if (Math.abs(truth - before.mean) <= width) meanHeld += 1;
    }
    learning.learn(outcome);
    outcomes += 1;
  }
  const bestBytes = [...best.values()].reduce((total, arms) => total + Math.max(0, ...arms.values()), 0);
  const counts = [...harmful.values()];
  return {
    savedBytes,
    bestBytes,
    held,
    given,
    meanHeld,
    worstHarmfulShare: Math.max(0, ...counts) / Math.max(1, late),
    harmfulShare: counts.reduce((a, b) => a + b, 0) / Math.max(1, late),
    idle,
  };
}

function pick(learning: Learning, arms: readonly Arm[], step: number, random: () => number): Arm | null {
  const choices = arms.map((arm) => ({
    item: arm,
    risk: arm.risk,
    sizeBytes: arm.sizeBytes,
    posterior: learning.posterior({ ...arm, finding: 'v8-heap' }, timeOf(step)),
  }));
  return choose(choices, random)?.item ?? null;
}
