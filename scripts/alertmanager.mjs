// Says where a Prometheus Alertmanager is that tests can start. Where none is installed, root on Debian or Ubuntu gets the
// distribution's own: downloaded and unpacked below node_modules/.cache, not installed, so that no service is started.
// Exits with 1 and a reason on stderr where there is none.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PACKAGE = 'prometheus-alertmanager';
/** The program looks for its default template here and nowhere else. */
const TEMPLATES = '/usr/share/prometheus/alertmanager';

const run = (command, args, cwd) => spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 });
const fail = (reason) => {
  console.error(reason);
  process.exit(1);
};

const found = (process.env.PATH ?? '').split(':').map((dir) => join(dir, PACKAGE));
const installed = [...found, '/usr/bin/prometheus-alertmanager'].find((path) => existsSync(path));
if (installed !== undefined) {
  console.log(installed);
  process.exit(0);
}

const cache = resolve('node_modules/.cache/alertmanager');
const program = join(cache, 'usr/bin/prometheus-alertmanager');
if (!existsSync(program)) {
  if (process.platform !== 'linux') fail('no prometheus-alertmanager on PATH, and this is not Linux');
  if (process.getuid?.() !== 0)
    fail('no prometheus-alertmanager on PATH, and only root can fetch it: its template has a fixed place');
  if (run('apt-get', ['--version']).status !== 0)
    fail('no prometheus-alertmanager on PATH, and no apt-get to fetch it');
  unpack();
}
if (!existsSync(join(TEMPLATES, 'default.tmpl'))) {
  try {
    cpSync(join(cache, TEMPLATES), TEMPLATES, { recursive: true });
  } catch (cause) {
    fail(`cannot put its template to ${TEMPLATES}: ${cause.message}`);
  }
}
console.log(program);

/** Beside its place first: two test runs may come here at once, and a half-unpacked one must not count. */
function unpack() {
  const work = `${cache}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  // As root apt drops its rights for the download, and cannot write here then; it says so and goes on.
  let fetched = run('apt-get', ['download', PACKAGE], work);
  if (fetched.status !== 0 && run('apt-get', ['update']).status === 0)
    fetched = run('apt-get', ['download', PACKAGE], work);
  const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
  if (archive === undefined) fail(`apt-get download ${PACKAGE}: ${fetched.stderr.trim().split('\n').at(-1)}`);
  const unpacked = run('dpkg-deb', ['-x', archive, 'root'], work);
  if (unpacked.status !== 0) fail(`dpkg-deb: ${unpacked.stderr.trim()}`);
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(resolve('node_modules/.cache'), { recursive: true });
  renameSync(join(work, 'root'), cache);
  rmSync(work, { recursive: true, force: true });
}
