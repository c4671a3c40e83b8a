import { setTimeout as sleep } from 'node:timers/promises';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { GROWN_UP_MS, isListening, start, until } from '../../test/support/inspector/targets.ts';
import { median } from '../support/cpu.ts';
import type { Result } from './nodes.ts';

const TARGETS = 50;
const ANSWERS = `let a = []; setInterval(() => { a = new Array(2e4).fill({}); process.stdout.write('.'); }, 50);`;

export async function attachAll(node: string): Promise<Result> {
  const inspector = createInspector({ clock: systemClock });
  const targets = await Promise.all(Array.from({ length: TARGETS }, () => start(node, ['-e', ANSWERS])));
  await sleep(GROWN_UP_MS + 1_000);
  const openMs: number[] = [];
  let left = 0;
  let figures = 0;
  for (const { id } of targets) {
    const seen = await inspector.attach(
      id,
      async (open) => ({ heaps: await open.heaps(), collection: await open.collect() }),
      (ms) => openMs.push(ms),
    );
    if (seen.heaps[0] !== undefined && seen.collection.after[0] !== undefined) figures += 1;
    if (isListening(9229)) left += 1;
  }
  let answering = 0;
  for (const target of targets) {
    const before = target.said().length;
    await until(() => target.said().length > before);
    if (target.isAlive()) answering += 1;
  }
  await Promise.all(targets.map((target) => target.end()));
  await inspector.close();
  const worst = Math.max(...openMs);
  return {
    text: `${figures} of ${TARGETS} gave figures and collected, inspector open ${median(openMs).toFixed(0)} ms (longest ${worst} ms), ${left} ports left open, ${answering} alive and answering`,
    isGood: figures === TARGETS && left === 0 && answering === TARGETS && median(openMs) < 1_000,
  };
}
