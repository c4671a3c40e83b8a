import type { ActionName } from '../model/index.ts';
import { capture } from './capture.ts';
import { clearCaches } from './clear-caches.ts';
import { compactHeap } from './compact-heap.ts';
import type { Action } from './define.ts';
import { deprioritise } from './deprioritise.ts';
import { emergencyShutdown } from './emergency-shutdown.ts';
import { forceGc } from './force-gc.ts';
import { heapSnapshot } from './heap-snapshot.ts';
import { limit } from './limit.ts';
import { reap } from './reap.ts';
import { reclaim } from './reclaim.ts';
import { resume } from './resume.ts';
import { suspend } from './suspend.ts';

/** Every action, mildest first: the order in which they are worth trying. */
export const ACTIONS: readonly Action[] = [
  forceGc,
  compactHeap,
  clearCaches,
  capture,
  heapSnapshot,
  reap,
  reclaim,
  limit,
  deprioritise,
  suspend,
  resume,
  emergencyShutdown,
];

export function actionNamed(name: ActionName): Action {
  const action = ACTIONS.find((each) => each.name === name);
  if (action === undefined) throw new TypeError(`no file makes the action ${name}`);
  return action;
}
