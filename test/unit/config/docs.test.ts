import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('docs/configuration.md and the JSON schema are the ones that the code makes', { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/generate-docs.mjs', '--check'], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: '' });
});
