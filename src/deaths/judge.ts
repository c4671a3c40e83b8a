import type { Evidence, Killer } from '../model/index.ts';
import type { KillerCase } from './define-killer.ts';
import { statusText } from './exit-status.ts';
import { claudeReaper } from './killers/claude-reaper.ts';
import { crash } from './killers/crash.ts';
import { earlyoom } from './killers/earlyoom.ts';
import { exit } from './killers/exit.ts';
import { kernelOom } from './killers/kernel-oom.ts';
import { rampart } from './killers/rampart.ts';
import { shutdown } from './killers/shutdown.ts';
import { signal } from './killers/signal.ts';
import { systemdOomd } from './killers/systemd-oomd.ts';
import { unknown } from './killers/unknown.ts';
import { v8Abort } from './killers/v8-abort.ts';
import { v8HeapLimit } from './killers/v8-heap-limit.ts';
import type { DeathSigns } from './signs.ts';

const CASES: readonly KillerCase[] = [
  kernelOom,
  systemdOomd,
  earlyoom,
  v8HeapLimit,
  v8Abort,
  claudeReaper,
  rampart,
  signal,
  crash,
  exit,
  shutdown,
  unknown,
];

/** Alternatives below this are not worth a line. */
const MIN_ALTERNATIVE_PERCENT = 3;

export interface Judgement {
  readonly killer: Killer;
  /** 0–100. */
  readonly confidence: number;
  readonly alternatives: readonly { readonly killer: Killer; readonly confidence: number }[];
  readonly evidence: readonly Evidence[];
}

/** Who ended a process, how sure that is, and what else it may have been. */
export function judgeDeath(signs: DeathSigns): Judgement {
  const weighed = CASES.flatMap((one) => {
    const found = one.weigh(signs);
    return found === null ? [] : [{ killer: one.killer, ...found }];
  }).toSorted((a, b) => b.weight - a.weight);
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const percent = (weight: number): number => Math.min(99, Math.round((100 * weight) / total));
  // `unknown` always weighs something.
  const [first, ...others] = weighed as [(typeof weighed)[number], ...typeof weighed];
  const told = signs.exit;
  const status: Evidence[] =
    told === null
      ? []
      : [{ kind: `status-${told.from}`, detail: `${TELLER[told.from]} its end: ${statusText(told)}.` }];
  const seen = new Set<string>();
  return {
    killer: first.killer,
    confidence: percent(first.weight),
    alternatives: others
      .map(({ killer, weight }) => ({ killer, confidence: percent(weight) }))
      .filter(({ confidence }) => confidence >= MIN_ALTERNATIVE_PERCENT),
    evidence: [...status, ...first.evidence].filter(({ kind }) => !seen.has(kind) && seen.add(kind)),
  };
}

const TELLER = { witness: 'The kernel announced', zombie: 'The process table still held' } as const;

export function killerTitle(killer: Killer): string {
  return CASES.find((one) => one.killer === killer)?.title ?? killer;
}
