// Brings a clone to a runnable state: installs what package-lock.json names, builds what src/ holds.
// Runs before `npm start` and `npm test`; does nothing when everything is newer than its source.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Rampart needs Node 20.19 or later; this is ${process.version}. Install a newer Node and try again.`);
  process.exit(1);
}

const modifiedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const newestMs = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, modifiedMs(join(entry.parentPath, entry.name))), 0);
const run = (...args) => {
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
};

if (modifiedMs('node_modules/.package-lock.json') < modifiedMs('package-lock.json')) {
  console.error('rampart: installing dependencies …');
  run('ci');
}
if (modifiedMs('dist/cli.js') < Math.max(newestMs('src'), newestMs('tools'), modifiedMs('tsdown.config.ts'))) {
  console.error('rampart: building …');
  run('run', 'build');
}
