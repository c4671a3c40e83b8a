import { setTimeout as sleep } from 'node:timers/promises';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { GROWN_UP_MS, start, type Child } from '../../test/support/inspector/targets.ts';
import { cpuMsOf, median } from '../support/cpu.ts';
import type { Result } from './nodes.ts';

const PROFILE_MS = 10_000;
const ROUNDS = 8;
const MAX_SLOWDOWN = 0.05;

/** Works without a pause: JSON, maps, strings, about 200 MB/s of garbage, 60 MB alive, a small leak. */
const PROGRAM = `
const live = new Map(); for (let i = 0; i < 2e5; i += 1) live.set('k' + i, { i, tags: ['a', i] });
const leak = [];
let n = 0;
function work() {
  const rows = Array.from({ length: 200 }, (_, i) => ({ id: n + i, name: 'row ' + (n + i), at: Date.now() }));
  const back = JSON.parse(JSON.stringify(rows)).filter(({ id }) => id % 3 === 0);
  live.set('k' + (n % 2e5), { i: n, tags: ['b', back.length] });
  if (n % 50 === 0) leak.push({ n, back });
  n += 1;
}
setImmediate(function loop() {
  for (const until = performance.now() + 5; performance.now() < until; ) work();
  setImmediate(loop);
});
setInterval(() => process.stdout.write(n + '\\n'), 100);
`;

interface Twin {
  readonly child: Child;
  readonly work: () => number;
}

/**
 * Two twins run beside each other; one is profiled, the other is not, and then they change places. Both feel the same load
 * of the machine in the same window, so what is left of the difference is the profiling: forced collections included.
 */
export async function measureSlowdown(node: string): Promise<Result> {
  const inspector = createInspector({ clock: systemClock });
  const twins = await Promise.all([twin(node), twin(node)]);
  await sleep(GROWN_UP_MS + 3_000);
  const losses: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [profiled, other] = round % 2 === 0 ? twins : [twins[1], twins[0]];
    const plain = await ratio(profiled, other, () => sleep(PROFILE_MS));
    const during = await ratio(profiled, other, () =>
      inspector.attach(profiled.child.id, (open) => open.culprits(PROFILE_MS)),
    ).catch(() => Number.NaN);
    // Somebody else's debugger had the port for too long.
    if (Number.isFinite(during)) losses.push(1 - during / plain);
  }
  await Promise.all(twins.map(({ child }) => child.end()));
  await inspector.close();
  const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length;
  const error = Math.sqrt(
    losses.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (losses.length - 1) / losses.length,
  );
  const text = `${percent(mean)} ± ${percent(error)} less work per CPU time while profiled, median ${percent(median(losses))}`;
  return { text, isGood: Math.min(mean, median(losses)) <= MAX_SLOWDOWN };
}

async function twin(node: string): Promise<Twin> {
  const child = await start(node, ['-e', PROGRAM]);
  return { child, work: () => Number(child.said().trimEnd().split('\n').at(-1)) };
}

/** Work per CPU time of one, divided by that of the other, in the same window. */
async function ratio(one: Twin, other: Twin, during: () => Promise<unknown>): Promise<number> {
  const look = ({ child, work }: Twin) => ({ work: work(), cpuMs: cpuMsOf(child.id.pid) });
  const before = [look(one), look(other)] as const;
  await during();
  const after = [look(one), look(other)] as const;
  const [a, b] = [0, 1].map((at) => {
    const [from, to] = [before[at as 0 | 1], after[at as 0 | 1]];
    return (to.work - from.work) / (to.cpuMs - from.cpuMs);
  });
  return (a ?? Number.NaN) / (b ?? Number.NaN);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
