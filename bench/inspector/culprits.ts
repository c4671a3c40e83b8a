import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Culprit } from '../../src/model/index.ts';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { start } from '../../test/support/inspector/targets.ts';
import type { Result } from './nodes.ts';

const PROGRAMS = resolve('test/programs');
const PROFILE_MS = 10_000;
const WARM_UP_MS = 5_000;
const MIN_SHARE = 0.8;
const TOP = 3;

/** A package's file is right; so is, where the program itself is the leak, the function that allocates what stays. */
export async function nameCulprits(node: string): Promise<Result> {
  if (!existsSync(join(PROGRAMS, 'node_modules'))) {
    spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: PROGRAMS, stdio: 'inherit' });
  }
  const inspector = createInspector({ clock: systemClock });
  const missed: string[] = [];
  let all = 0;
  for (const file of readdirSync(join(PROGRAMS, 'leaks')).filter((name) => name.endsWith('.mjs'))) {
    const name = file.slice(0, -'.mjs'.length);
    const { default: program } = (await import(join(PROGRAMS, 'leaks', file))) as {
      default: { kind: string; packages: { leaky: string } };
    };
    // Buffers and native memory are not in V8's heap: a heap profile cannot name them.
    if (program.kind !== 'v8-heap' || program.packages.leaky === undefined) continue;
    const target = await start(node, ['run.mjs', `leaks/${name}`, 'leaky', '120'], { cwd: PROGRAMS });
    await sleep(WARM_UP_MS);
    const culprits = await inspector.attach(target.id, (open) => open.culprits(PROFILE_MS)).catch(() => []);
    await target.end();
    all += 1;
    const top = culprits.slice(0, TOP);
    if (!top.some((one) => isIn(one, packageOf(program.packages.leaky))))
      missed.push(`${name} (${top.map(words).join(', ')})`);
  }
  await inspector.close();
  const share = (all - missed.length) / all;
  return {
    text: `${all - missed.length} of ${all} leaking packages are in the top ${TOP}${missed.length > 0 ? `; not: ${missed.join('; ')}` : ''}`,
    isGood: share >= MIN_SHARE,
  };
}

/** `zod-leaky/v4` → `zod-leaky`, `@a/b/c` → `@a/b`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const isIn = ({ file }: Culprit, name: string): boolean => file.includes(`/node_modules/${name}/`);

const words = ({ functionName, file }: Culprit): string => `${functionName} in ${file.split('/').at(-1)}`;
