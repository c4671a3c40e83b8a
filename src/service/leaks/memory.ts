import type { Clock, ProcessKey } from '../../model/index.ts';
import type { LeakHistory } from './replay.ts';
import type { RoleStore } from './roles.ts';
import { createWarmUp, type WarmUp } from './warm-up.ts';
import type { LeakWatch } from './watch.ts';
import type { WorldRow } from '../engine/world.ts';

/** What leak detection carries from one life of the service to the next: the past of live processes, and the prior. */
export interface LeakMemory {
  /** A moment's work of each tick. Never throws. */
  tick(rows: ReadonlyMap<ProcessKey, WorldRow>): Promise<void>;
  /** Writes down what this life taught. */
  stop(): Promise<void>;
}

interface LeakMemoryDeps {
  readonly clock: Clock;
  readonly history: LeakHistory | null;
  readonly roles: RoleStore | null;
  readonly onProblem: (error: unknown) => void;
}

/** By then owners are known, and a service that was only asked one question has answered it. */
const WARM_AFTER_MS = 3_000;
/** What a crash may cost: the lives that ended in these minutes. */
const SAVE_EVERY_MS = 600_000;

export function createLeakMemory(leaks: LeakWatch, deps: LeakMemoryDeps): LeakMemory {
  const { clock, history, roles, onProblem } = deps;
  const openedMs = clock.monotonicMs();
  let warmUp: WarmUp | null = null;
  let savedAtMs = openedMs;
  let savedLives = livesOf(leaks);

  const save = async (): Promise<void> => {
    savedAtMs = clock.monotonicMs();
    const lives = livesOf(leaks);
    if (roles === null || lives === savedLives) return;
    savedLives = lives;
    try {
      await roles.save(leaks.roles());
    } catch (error) {
      onProblem(error);
    }
  };

  return {
    async tick(rows) {
      const nowMs = clock.monotonicMs();
      if (history !== null && warmUp === null && nowMs - openedMs >= WARM_AFTER_MS) {
        const replaced = leaks.warm.bind(leaks);
        warmUp = createWarmUp(history, clock, leaks.candidates(rows), replaced, onProblem);
      }
      if (warmUp !== null && !warmUp.done) await warmUp.step();
      if (nowMs - savedAtMs >= SAVE_EVERY_MS) await save();
    },
    stop: save,
  };
}

/** Grows with each life that ended. */
function livesOf(leaks: LeakWatch): number {
  return leaks.roles().reduce((sum, { lives }) => sum + lives, 0);
}
