import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { refusedTargets } from '../../test/support/inspector/refused.ts';
import { GROWN_UP_MS, type Child } from '../../test/support/inspector/targets.ts';
import type { Result } from './nodes.ts';

const ATTEMPTS = 1_000;

export async function refuseAll(node: string): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-refused-'));
  const inspector = createInspector({ clock: systemClock });
  const all = await refusedTargets(dir, node);
  await sleep(GROWN_UP_MS);
  const lasting = new Map<string, Child>();
  let [attempts, named, dead, inside] = [0, 0, 0, 0];
  while (attempts < ATTEMPTS) {
    for (const { name, target, reason } of all) {
      const { child, id, isFresh } = await target();
      attempts += 1;
      const said = await inspector
        .attach(id, (open) => open.heaps())
        .then(
          () => null,
          (error: unknown) => (error as Error).message,
        );
      if (said === null) inside += 1;
      else if (reason.test(said)) named += 1;
      // A signal needs a moment to kill.
      if (isFresh) await sleep(15);
      if (!child.isAlive()) dead += 1;
      if (isFresh) await child.end();
      else lasting.set(name, child);
    }
  }
  await sleep(500);
  for (const child of lasting.values()) if (!child.isAlive()) dead += 1;
  await Promise.all([...lasting.values()].map((child) => child.end()));
  await inspector.close();
  rmSync(dir, { recursive: true, force: true });
  return {
    text: `${attempts} attempts at ${all.length} kinds: ${dead} died, ${inside} were looked into, ${named} refusals named their reason`,
    isGood: dead === 0 && inside === 0 && named === attempts,
  };
}
