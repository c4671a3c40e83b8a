import { setTimeout as sleep } from 'node:timers/promises';
import type { Death } from '../../../src/model/index.ts';
import { KINDS, type Kind } from './kinds.ts';
import type { Stage } from './stage.ts';

export interface Played {
  readonly kind: Kind;
  /** Null: nothing was remembered of it. */
  readonly death: Death | null;
}

/** Ends of different processes are seconds apart in life; here a part of one is enough to keep their logs apart. */
const APART_MS = 600;
/** After a look at everything, and the time that logs are waited for. */
const JUDGED_MS = 8_000;

/** Every way to die, each on a process of its own; those that the machine does not allow are left out. */
export async function playAll(stage: Stage): Promise<readonly Played[]> {
  const undos: (() => void)[] = [];
  const cast = await Promise.all(
    KINDS.map(async (kind) => {
      const victim = await stage.victim(kind.fate, { tool: kind.tool ?? false, flags: kind.flags ?? [] });
      const undo = kind.prepare === undefined ? () => undefined : kind.prepare(victim);
      if (undo === null) return null;
      undos.push(undo);
      return { kind, victim };
    }),
  );
  const staged = cast.filter((one) => one !== null);
  // A count from before the first death.
  await sleep(1_000);
  for (const { kind, victim } of staged) {
    if (kind.kill === undefined) victim.trigger();
    else await kind.kill(victim, stage);
    await sleep(APART_MS);
  }
  await stage.look();
  const deadline = performance.now() + JUDGED_MS;
  const isOver = (): boolean => staged.every(({ victim }) => deathIn(stage, victim.key) !== null);
  while (!isOver() && performance.now() < deadline) await sleep(100);
  for (const undo of undos) undo();
  return staged.map(({ kind, victim }) => ({ kind, death: deathIn(stage, victim.key) }));
}

function deathIn({ deaths }: Stage, key: string): Death | null {
  return deaths.find(({ process }) => process.id === key) ?? null;
}
