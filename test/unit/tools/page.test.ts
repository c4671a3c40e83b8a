import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('docs/tools.md and tools/catalog.json are as new as the tools', () => {
  const check = () =>
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/generate-tools.mjs', '--check'], { stdio: 'pipe' });
  expect(check).not.toThrow();
});
