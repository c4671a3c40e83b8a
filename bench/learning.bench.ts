/**
 * Learning on made-up machines whose truth is known: 1000 outcomes each, several seeds, drifts and noises. Exit code 1 when
 * a goal is missed. `LEARNING_SEEDS=20` for more seeds.
 */
import { run, type RunResult } from './learning/run.ts';
import type { Drift, Noise } from './learning/world.ts';

const seeds = Number(process.env['LEARNING_SEEDS'] ?? 5);
/** Constants were set on seeds from 100. */
const first = Number(process.env['LEARNING_FIRST'] ?? 9000);
const misses: string[] = [];

function goal(name: string, value: number, holds: boolean, wanted: string): void {
  console.log(`${holds ? 'reached' : 'MISSED '}  ${name}: ${(100 * value).toFixed(1)} % (goal ${wanted})`);
  if (!holds) misses.push(name);
}

const sum = (results: readonly RunResult[], pick: (result: RunResult) => number): number =>
  results.reduce((total, result) => total + pick(result), 0);

console.log('drift    noise   roles  saved/best fixed  next 80 %  mean 80 %  worst harmful arm  all harmful  idle');
const all: RunResult[] = [];
for (const roles of [3, 8, 20]) {
  for (const drift of ['none', 'slow', 'abrupt'] as const satisfies Drift[]) {
    for (const noise of ['normal', 'heavy', 'gappy'] as const satisfies Noise[]) {
      const results = Array.from({ length: seeds }, (_, index) =>
        run({ seed: first + index, roles, actions: 5, drift, noise, outcomes: 1000 }),
      );
      all.push(...results);
      const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
      console.log(
        [
          drift.padEnd(8),
          noise.padEnd(7),
          String(roles).padStart(5),
          percent(sum(results, (r) => r.savedBytes) / sum(results, (r) => r.bestBytes)).padStart(17),
          percent(sum(results, (r) => r.held) / sum(results, (r) => r.given)).padStart(10),
          percent(sum(results, (r) => r.meanHeld) / sum(results, (r) => r.given)).padStart(10),
          percent(Math.max(...results.map((r) => r.worstHarmfulShare))).padStart(18),
          percent(sum(results, (r) => r.harmfulShare) / results.length).padStart(12),
          percent(sum(results, (r) => r.idle) / (1000 * results.length)).padStart(6),
        ].join(' '),
      );
    }
  }
}

const regret = 1 - sum(all, (r) => r.savedBytes) / sum(all, (r) => r.bestBytes);
const coverage = sum(all, (r) => r.held) / sum(all, (r) => r.given);
console.log('');
goal('regret against the best fixed policy', regret, regret <= 0.2, '≤ 20 %');
goal('80 % intervals that held', coverage, coverage >= 0.75 && coverage <= 0.85, '75–85 %');
const worst = Math.max(...all.map((r) => r.worstHarmfulShare));
goal('choices of the worst harmful action', worst, worst <= 0.01, '≤ 1 % after 50 outcomes');
if (misses.length > 0) process.exit(1);
