import type { ActionName, Outcome, OutcomeResult } from '../../model/index.ts';
import { add, age, effective, forget, noMoments, variance, type Moments } from './moments.ts';

/**
 * What the outcomes of one action on one kind of finding of one role add up to. Effects are shares of the target's
 * footprint before the action, so that experience with a small process says something of a large one. Plain data: it is
 * kept on disk.
 */
export interface Cell {
  readonly action: ActionName;
  readonly finding: string;
  readonly role: string;
  /** Outcomes ever. */
  outcomes: number;
  effect: Moments;
  /** The same with a short memory: the last handful. */
  recent: Moments;
  /** Footprint of the targets, for figures in bytes. */
  size: Moments;
  helped: number;
  neither: number;
  damaged: number;
  results: Partial<Record<OutcomeResult, number>>;
  lastAtMs: number;
  /** CUSUM of falling and of rising effects, and what came since each left zero. */
  fall: Run;
  rise: Run;
}

interface Run {
  sum: number;
  since: Moments;
}

/**
 * Each outcome makes the earlier ones weigh 5 % less: the last twenty to forty count. With more, an effect that fades
 * slowly is followed too late (bench/learning, drift 'slow'); with fewer, intervals stay wide for good.
 */
const FORGET = 0.95;
/** Short enough that an action which began to harm is left alone after about five times. */
const FORGET_RECENT = 0.8;
/** Words of the runner are forgotten faster, the last ten count: that an action begins to harm must show at once. */
const FORGET_WORDS = 0.9;
/** A month: servers and agents are updated every few weeks, and after an update old experience is a guess. */
const HALF_LIFE_MS = 30 * 24 * 3_600_000;
/** No measurement is believed beyond four times the target's footprint: an error of the runner must not rule for months. */
const MAX_SHARE = 4;
/** Weight of an outcome whose error was not measured, or whose course without the action is not known. */
const DOUBTFUL = 0.5;
/** Where the footprint was not measured: the size of a usual MCP server with its runtime. */
const USUAL_BYTES = 128 * 1024 * 1024;
/**
 * Page's CUSUM (1954): slack of half a standard deviation, alarm at five when effects rise, at four when they fall, since
 * harm must be seen sooner. By chance once in about 930 and 340 outcomes (Siegmund 1985); a false one only shortens memory.
 */
const SLACK = 0.5;
const RISE_ALARM = 5;
const FALL_ALARM = 4;
/** One wild figure must not look like a change. */
const MAX_STEP = 3;
/** A change can only be told from scatter that is known. */
const MIN_FOR_CHANGE = 3;

export function newCell({ action, finding, role, endedAtMs }: Outcome): Cell {
  return {
    action,
    finding,
    role,
    outcomes: 0,
    effect: noMoments(),
    recent: noMoments(),
    size: noMoments(),
    helped: 0,
    neither: 0,
    damaged: 0,
    results: {},
    lastAtMs: endedAtMs,
    fall: { sum: 0, since: noMoments() },
    rise: { sum: 0, since: noMoments() },
  };
}

/** What an outcome says in figures; null: nothing was measured. */
export interface Measured {
  /** Saving that the action caused, as a share of the footprint before it. */
  readonly share: number;
  readonly sizeBytes: number;
  readonly weight: number;
}

/** The effect that the action caused: what was reclaimed beyond what would have been anyway. */
export function measured(outcome: Outcome, scatter: number): Measured | null {
  const { reclaimedBytes, counterfactualBytes, errorBytes, before } = outcome;
  if (reclaimedBytes === null || !Number.isFinite(reclaimedBytes)) return null;
  const footprint =
    before === null ? 0 : before.pssBytes === null ? before.rssBytes : before.pssBytes + (before.swapBytes ?? 0);
  const sizeBytes = footprint > 0 ? footprint : USUAL_BYTES;
  const share = Math.max(-MAX_SHARE, Math.min(MAX_SHARE, (reclaimedBytes - (counterfactualBytes ?? 0)) / sizeBytes));
  const isSure = errorBytes !== null && counterfactualBytes !== null;
  // Inverse variance: an outcome measured to less than the usual scatter counts fully, a blurred one hardly.
  const blur = ((errorBytes ?? 0) / sizeBytes) ** 2;
  const weight = (isSure ? 1 : DOUBTFUL) * Math.min(1, (2 * scatter) / (scatter + blur));
  return { share, sizeBytes, weight };
}

/** Time passes: what is known becomes less sure. */
export function ageTo(cell: Cell, nowMs: number): void {
  const sinceMs = nowMs - cell.lastAtMs;
  if (sinceMs <= 0) return;
  const factor = 0.5 ** (sinceMs / HALF_LIFE_MS);
  age(cell.effect, factor);
  age(cell.recent, factor);
  cell.helped *= factor;
  cell.neither *= factor;
  cell.damaged *= factor;
  cell.lastAtMs = nowMs;
}

/** Adds an outcome. `expected` and `deviation` are what was expected of it, as shares. */
export function learn(
  cell: Cell,
  outcome: Outcome,
  figures: Measured | null,
  expected: number,
  deviation: number,
): void {
  ageTo(cell, outcome.endedAtMs);
  cell.outcomes += 1;
  cell.results[outcome.result] = (cell.results[outcome.result] ?? 0) + 1;
  countWord(cell, outcome.result, figures);
  if (figures === null) return;
  const { share, sizeBytes, weight } = figures;
  const isSettled = effective(cell.effect) >= MIN_FOR_CHANGE;
  forget(cell.effect, FORGET);
  forget(cell.size, FORGET);
  add(cell.effect, share, weight);
  forget(cell.recent, FORGET_RECENT);
  add(cell.recent, share, weight);
  add(cell.size, sizeBytes, 1);
  if (!isSettled) return;
  const step = Math.max(-MAX_STEP, Math.min(MAX_STEP, (share - expected) / Math.max(deviation, 1e-6)));
  if (follow(cell.fall, -step, share, weight, FALL_ALARM)) restart(cell, cell.fall);
  else if (follow(cell.rise, step, share, weight, RISE_ALARM)) restart(cell, cell.rise);
}

/** Refused counts nothing: nothing was done. Harm that shows in memory is in the figures; here the target was damaged. */
function countWord(cell: Cell, result: OutcomeResult, figures: Measured | null): void {
  if (result === 'refused') return;
  cell.helped *= FORGET_WORDS;
  cell.neither *= FORGET_WORDS;
  cell.damaged *= FORGET_WORDS;
  if (result === 'helped') cell.helped += 1;
  else if (result === 'harmful' && (figures === null || figures.share >= 0)) cell.damaged += 1;
  else cell.neither += result === 'unclear' ? DOUBTFUL : 1;
}

/** Whether the sum passed its alarm. */
function follow(run: Run, step: number, share: number, weight: number, alarm: number): boolean {
  run.sum = Math.max(0, run.sum + step - SLACK);
  if (run.sum === 0) run.since = noMoments();
  else add(run.since, share, weight);
  return run.sum > alarm;
}

/** The effect has changed: memory begins anew with what came since, and keeps only how much effects scatter. */
function restart(cell: Cell, { since }: Run): void {
  const scatter = variance(cell.effect);
  const own = variance(since);
  if (scatter !== null && (own === null || own < scatter) && since.weight > 0) {
    since.squares = scatter * Math.max(0, since.weight - since.weightSquares / since.weight);
  }
  cell.effect = { ...since };
  cell.helped *= 0.1;
  cell.neither *= 0.1;
  cell.fall = { sum: 0, since: noMoments() };
  cell.rise = { sum: 0, since: noMoments() };
}
