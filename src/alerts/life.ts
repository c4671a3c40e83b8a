import type { Alert, AlertLevel } from '../model/index.ts';
import type { Condition, Rule } from './define-rule.ts';
import { emptyRing, flaps, type Ring, sampled } from './flapping.ts';
import { fingerprint } from './fingerprint.ts';
import { isWorse, LEVELS, rank, worst } from './levels.ts';

/** An alert with what its life cycle needs to remember. Plain data: it is written down as it is. */
export interface Life {
  readonly alert: Alert;
  readonly key: string;
  /** Since when the condition has held at this level or a worse one, without a break. */
  readonly sinceMs: Readonly<Record<AlertLevel, number | null>>;
  /** When the condition last held at all, and when at the alert's own level or a worse one. */
  readonly trueAtMs: number;
  readonly levelAtMs: number;
  /** The worst level that people were told in this episode; null: nothing yet. */
  readonly toldLevel: AlertLevel | null;
  /** They were told that it flaps. */
  readonly toldFlapping: boolean;
  readonly ring: Ring;
}

export type Change = 'fired' | 'escalated' | 'resolved';

/** Whether the condition held at the last look, and the alert is not only going on. */
export const isHolding = ({ sinceMs }: Life): boolean => sinceMs.warning !== null;

export interface Step {
  /** Null: forgotten. */
  readonly life: Life | null;
  readonly change: Change | null;
}

/** Resolved alerts are kept so long: what happened last night is to be seen in the morning. */
const KEEP_RESOLVED_MS = 12 * 3_600_000;

/** One look at one alert. `held`: its rule cannot tell now, so that nothing ends and nothing begins. */
export function step(life: Life | null, rule: Rule, condition: Condition | null, held: boolean, nowMs: number): Step {
  if (condition !== null) return holds(life ?? born(rule, condition, nowMs), rule, condition, nowMs);
  if (life === null) return { life: null, change: null };
  if (life.alert.state === 'resolved') {
    const isOld = nowMs - (life.alert.resolvedAtMs ?? nowMs) > KEEP_RESOLVED_MS;
    return { life: isOld ? null : ring(life, rule, false, nowMs), change: null };
  }
  if (held) return { life: { ...life, trueAtMs: nowMs, levelAtMs: nowMs }, change: null };
  return life.alert.state === 'pending' ? backDown(life) : goesOn(life, rule, nowMs);
}

function born(rule: Rule, condition: Condition, nowMs: number): Life {
  return {
    key: condition.key,
    alert: {
      fingerprint: fingerprint(rule.name, condition.key),
      rule: rule.name,
      type: rule.type,
      state: 'pending',
      ...shown(condition),
      labels: labelsOf(rule, condition),
      activeAtMs: nowMs,
      firedAtMs: null,
      seenAtMs: nowMs,
      resolvedAtMs: null,
      acknowledged: null,
      silencedBy: null,
      inhibitedBy: null,
      flapping: false,
      notifications: 0,
      notifiedAtMs: null,
    },
    sinceMs: { warning: null, critical: null, emergency: null },
    trueAtMs: nowMs,
    levelAtMs: nowMs,
    toldLevel: null,
    toldFlapping: false,
    ring: emptyRing(nowMs),
  };
}

function holds(before: Life, rule: Rule, condition: Condition, nowMs: number): Step {
  const again = before.alert.state === 'resolved';
  const sinceMs = { ...before.sinceMs };
  for (const level of LEVELS) {
    if (rank(level) > rank(condition.level)) sinceMs[level] = null;
    else sinceMs[level] = again ? nowMs : (sinceMs[level] ?? nowMs);
  }
  let alert: Alert = { ...before.alert, ...shown(condition), level: before.alert.level, seenAtMs: nowMs };
  // Labels stay as they were when it fired: a receiver tells alerts apart by them.
  if (alert.state !== 'firing') alert = { ...alert, labels: labelsOf(rule, condition), level: condition.level };
  if (again) alert = { ...alert, state: 'pending', activeAtMs: nowMs, firedAtMs: null, acknowledged: null };
  let life: Life = { ...before, alert, sinceMs, trueAtMs: nowMs };
  if (again) life = { ...life, toldLevel: null };

  const ripe = worst(LEVELS.filter((level) => isRipe(life, rule, level, nowMs)));
  let change: Change | null = null;
  if (alert.state === 'pending' && ripe !== null) {
    change = 'fired';
    life = {
      ...life,
      levelAtMs: nowMs,
      alert: { ...alert, state: 'firing', level: ripe, firedAtMs: nowMs, resolvedAtMs: null },
    };
  } else if (alert.state === 'firing' && isWorse(ripe, alert.level) && ripe !== null) {
    change = 'escalated';
    // Who acknowledged a warning has not seen what it became.
    life = { ...life, levelAtMs: nowMs, alert: { ...alert, level: ripe, acknowledged: null } };
  } else if (alert.state === 'firing') {
    life = lowered(life, rule, condition.level, nowMs);
  }
  return { life: ring(life, rule, true, nowMs), change };
}

function isRipe({ sinceMs }: Life, rule: Rule, level: AlertLevel, nowMs: number): boolean {
  const since = sinceMs[level];
  return since !== null && nowMs - since >= rule.forMs[level];
}

/** A level is left as late as a whole alert: what falls back for a moment has not got better. */
function lowered(life: Life, rule: Rule, level: AlertLevel, nowMs: number): Life {
  if (!isWorse(life.alert.level, level)) return { ...life, levelAtMs: nowMs };
  if (nowMs - life.levelAtMs < rule.keepFiringForMs) return life;
  return { ...life, levelAtMs: nowMs, alert: { ...life.alert, level } };
}

/** It did not last long enough to fire. */
function backDown(life: Life): Step {
  if (life.alert.resolvedAtMs === null) return { life: null, change: null };
  return { life: { ...life, alert: { ...life.alert, state: 'resolved' } }, change: null };
}

/** Firing without its condition: goes on for a while, and as long as it flaps. */
function goesOn(before: Life, rule: Rule, nowMs: number): Step {
  const isRecent = nowMs - before.trueAtMs < rule.keepFiringForMs;
  const sinceMs = { warning: null, critical: null, emergency: null };
  const life = ring({ ...before, sinceMs }, rule, isRecent, nowMs);
  if (isRecent || life.alert.flapping) return { life, change: null };
  const alert: Alert = {
    ...life.alert,
    state: 'resolved',
    resolvedAtMs: nowMs,
    acknowledged: null,
    silencedBy: null,
    inhibitedBy: null,
  };
  return { life: { ...life, alert }, change: 'resolved' };
}

/** Least time between two states of the ring: 21 of them then span 35 minutes at least. */
const RING_EVERY_MS = 100_000;

function ring(life: Life, rule: Rule, isOn: boolean, nowMs: number): Life {
  const next = sampled(life.ring, isOn, nowMs, Math.max(RING_EVERY_MS, rule.keepFiringForMs / 2));
  if (next === life.ring) return life;
  const flapping = flaps(next, life.alert.flapping);
  const toldFlapping = flapping && life.toldFlapping;
  return { ...life, ring: next, toldFlapping, alert: { ...life.alert, flapping } };
}

/** After a gap nobody knows what was in between: waiting begins anew, and what fires gets its time to be seen again. */
export function afterGap(life: Life, nowMs: number): Life {
  const sinceMs = { warning: null, critical: null, emergency: null };
  return { ...life, sinceMs, trueAtMs: nowMs, levelAtMs: nowMs, ring: { ...life.ring, sampledAtMs: nowMs } };
}

/** What an alert shows of its condition, made anew with each look. */
function shown(condition: Condition) {
  const { level, subject, title, detail, evidence, value, threshold, unit, forecast, next, groupKey } = condition;
  return { level, subject, title, detail, evidence, value, threshold, unit, forecast, next, groupKey };
}

function labelsOf(rule: Rule, { labels, subject }: Condition): Alert['labels'] {
  return { rule: rule.name, type: rule.type, subject: subject.kind, ...labels };
}

export function stillAcknowledged({ acknowledged }: Alert, atMs: number): Alert['acknowledged'] {
  return acknowledged !== null && acknowledged.untilMs <= atMs ? null : acknowledged;
}
