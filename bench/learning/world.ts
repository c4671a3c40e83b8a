import { ACTION_NAMES, type ActionName, type Outcome, type Risk } from '../../src/model/index.ts';

/** A made-up machine whose actions have known effects: the truth that learning is measured against. */

/** mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export type Drift = 'none' | 'slow' | 'abrupt';
/** normal · heavy: Student's t with 3 degrees · gappy: half of the outcomes have no effect, the others twice. */
export type Noise = 'normal' | 'heavy' | 'gappy';

export interface WorldOptions {
  readonly seed: number;
  readonly roles: number;
  readonly actions: number;
  readonly drift: Drift;
  readonly noise: Noise;
  readonly outcomes: number;
}

/** One action on one role. */
export interface Arm {
  readonly action: ActionName;
  readonly role: string;
  readonly risk: Risk;
  readonly sizeBytes: number;
  /** True mean effect as a share of the footprint at outcome `step`. */
  readonly effect: (step: number) => number;
  readonly noise: number;
}

export interface World {
  readonly arms: readonly Arm[];
  readonly roles: readonly string[];
  outcome(arm: Arm, step: number): Outcome;
}

const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 20 * 60_000;
export const timeOf = (step: number): number => START_MS + step * STEP_MS;

const RISKS: readonly Risk[] = ['low', 'low', 'medium', 'high'];
const CANDIDATES = ACTION_NAMES.filter((name) => !['resume', 'capture', 'reap', 'emergency_shutdown'].includes(name));

export function createWorld(options: WorldOptions): World {
  const random = generator(options.seed);
  const roles = Array.from({ length: options.roles }, (_, index) => `role-${index}`);
  const arms = roles.flatMap((role) => {
    const sizeBytes = 64 * 2 ** 20 * 2 ** (5 * random());
    return CANDIDATES.slice(0, options.actions).map((action, index) => {
      const from = drawEffect(random);
      const to = drawEffect(random);
      const changes = random() < 1 / 3;
      const at = options.outcomes * (0.3 + 0.4 * random());
      const effect = (step: number): number => {
        if (options.drift === 'none' || !changes) return from;
        if (options.drift === 'abrupt') return step < at ? from : to;
        return from + (to - from) * (step / options.outcomes);
      };
      return {
        action,
        role,
        risk: RISKS[index % RISKS.length] ?? 'low',
        sizeBytes,
        effect,
        noise: 0.03 + 0.07 * random(),
      };
    });
  });
  return {
    arms,
    roles,
    outcome: (arm, step) => {
      const caused = drawOutcome(arm, arm.effect(step), options.noise, random);
      const sizeBytes = arm.sizeBytes * 2 ** (0.3 * normal(random));
      const errorShare = arm.noise / 2;
      const share = caused + errorShare * normal(random);
      return outcomeOf(arm, step, share * sizeBytes, errorShare * sizeBytes, sizeBytes, random);
    },
  };
}

/** A third helps, a third does nothing, a third harms. */
function drawEffect(random: () => number): number {
  const kind = random();
  if (kind < 1 / 3) return 0.08 + 0.32 * random();
  return kind < 2 / 3 ? 0 : -(0.05 + 0.2 * random());
}

function drawOutcome(arm: Arm, mean: number, noise: Noise, random: () => number): number {
  if (noise === 'normal') return mean + arm.noise * normal(random);
  if (noise === 'heavy') {
    const chi = normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2;
    return mean + (arm.noise * normal(random)) / Math.sqrt(chi);
  }
  return (random() < 0.5 ? 0 : 2 * mean) + arm.noise * 0.5 * normal(random);
}

function outcomeOf(
  { action, role, risk }: Arm,
  step: number,
  effectBytes: number,
  errorBytes: number,
  sizeBytes: number,
  random: () => number,
): Outcome {
  const endedAtMs = timeOf(step);
  const counterfactualBytes = -0.02 * sizeBytes * random();
  const reclaimedBytes = effectBytes + counterfactualBytes;
  const measurement = (bytes: number, atMs: number) => ({
    atMs,
    rssBytes: bytes,
    pssBytes: null,
    swapBytes: null,
    heapUsedBytes: null,
    hostAvailableBytes: 2 ** 34,
  });
  // As the runner says it: beyond 1.645 standard errors.
  const beyond = effectBytes / errorBytes;
  return {
    id: `${step}:${action}:${role}`,
    action,
    origin: 'automation',
    risk,
    role,
    finding: 'v8-heap',
    startedAtMs: endedAtMs - 10_000,
    endedAtMs,
    settledAfterMs: 5_000,
    before: measurement(sizeBytes, endedAtMs - 10_000),
    after: measurement(sizeBytes - reclaimedBytes, endedAtMs),
    reclaimedBytes,
    counterfactualBytes,
    errorBytes,
    result: beyond > 1.645 ? 'helped' : beyond < -1.645 ? 'harmful' : 'no-effect',
    targets: [],
    undo: { possible: false, reason: '' },
    error: null,
    summary: '',
  };
}
