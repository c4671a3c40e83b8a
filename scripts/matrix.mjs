// Runs the suite on other Node versions; the npm package `node` brings their binaries.
import { spawnSync } from 'node:child_process';

const versions = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['22', '24'];
for (const version of versions) {
  console.log(`\n== Node ${version}`);
  const { status } = spawnSync(
    'npx',
    ['-y', '-p', `node@${version}`, '-c', 'node --version && node scripts/test.mjs'],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}
