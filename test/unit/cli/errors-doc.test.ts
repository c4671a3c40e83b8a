import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/faces/cli/exit.ts';
import { type ErrorCode, RampartError } from '../../../src/model/index.ts';

const root = join(import.meta.dirname, '../../..');
const source = readFileSync(join(root, 'src/model/error.ts'), 'utf8');
const codes = [...(/ErrorCode =([^;]*);/.exec(source)?.[1] ?? '').matchAll(/'([a-z-]+)'/g)].map(
  ([, code]) => code as ErrorCode,
);
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const told = [...page.matchAll(/^\| `([a-z-]+)` \|.*\| (\d+) \|$/gm)].map(([, code, exit]) => ({
  code,
  exit: Number(exit),
}));

it('docs/errors.md has every code, in order, with the exit code that the CLI gives it', () => {
  expect(codes.length).toBeGreaterThan(5);
  expect(told).toEqual(codes.map((code) => ({ code, exit: exitCodeOf(new RampartError(code, '', '')) })));
});
