import type { Learning } from '../advice/index.ts';
import { sumEffects } from '../advice/effects.ts';
import { experienceOf } from '../actions/running/outcome.ts';
import { footprintBytes, type Target, type View } from '../actions/target.ts';
import type { ActionName, ExpectedEffect } from '../model/index.ts';

/** What an action on these targets is expected to save, by earlier outcomes: kept under the same names as they are. */
export function expectedEffect(
  learning: Learning,
  action: ActionName,
  targets: readonly Target[],
  view: View,
  nowMs: number,
): ExpectedEffect {
  const effects = targets.map((target) =>
    learning.expected({ action, ...experienceOf([target], view, target.experience) }, footprintBytes(target), nowMs),
  );
  return sumEffects(effects, effects[0]?.reason ?? 'there is no target');
}
