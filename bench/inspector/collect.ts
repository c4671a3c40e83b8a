import { setTimeout as sleep } from 'node:timers/promises';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { start, until } from '../../test/support/inspector/targets.ts';
import type { Result } from './nodes.ts';

/** 200 MB that survived scavenges, then dropped. On SIGUSR2 its own gc() runs, and it tells what that freed. */
const PROGRAM = `
let kept = [];
for (let i = 0; i < 400; i += 1) kept.push(Array.from({ length: 16_384 }, (_, j) => ({ i, j })).slice());
const live = Array.from({ length: 2e5 }, (_, i) => ({ i }));
setTimeout(() => { kept = null; process.stdout.write('dropped\\n'); }, 1500);
process.on('SIGUSR2', () => {
  const before = process.memoryUsage().heapUsed;
  gc();
  process.stdout.write('freed ' + (before - process.memoryUsage().heapUsed) + '\\n');
});
setInterval(() => live.length, 1000);
`;

export async function collectBeside(node: string): Promise<Result> {
  const inspector = createInspector({ clock: systemClock });
  const [ours, own] = [
    await start(node, ['--expose-gc', '-e', PROGRAM]),
    await start(node, ['--expose-gc', '-e', PROGRAM]),
  ];
  await until(() => ours.said().includes('dropped') && own.said().includes('dropped'), 60_000);
  await sleep(2_000);
  const { freedBytes, pauseMs, rssBeforeBytes, rssAfterBytes } = await inspector.attach(ours.id, (open) =>
    open.collect(),
  );
  own.child.kill('SIGUSR2');
  await until(() => /freed \d+/.test(own.said()), 30_000);
  const freedByGc = Number(/freed (\d+)/.exec(own.said())?.[1]);
  await Promise.all([ours.end(), own.end(), inspector.close()]);
  const share = freedBytes / freedByGc;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  return {
    text: `freed ${mb(freedBytes)} in ${pauseMs} ms, gc() of a twin ${mb(freedByGc)}: ${(share * 100).toFixed(1)} %; RSS ${mb(rssBeforeBytes)} to ${mb(rssAfterBytes)}`,
    isGood: share >= 0.9,
  };
}
