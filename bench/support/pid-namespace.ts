import { spawnSync } from 'node:child_process';

const MARK = 'RAMPART_BENCH_NAMESPACE';

/**
 * Runs the whole program again in a pid namespace of its own, where it sees only the processes that it started (and all
 * of them end with it). Returns 'inside' there, or where no namespace can be had; else exits with the inner status.
 */
export function enterPidNamespace(): 'inside' | 'shared' {
  if (process.env[MARK] !== undefined) return 'inside';
  const unshare = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc'];
  if (spawnSync('unshare', [...unshare, 'true']).status !== 0) return 'shared';
  // The shell stays as the namespace's init: it reaps orphans, which Node would leave as zombies.
  const init = ['sh', '-c', '"$@"; exit $?', 'init'];
  const argv = [...unshare, ...init, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', argv, { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } });
  process.exit(status ?? 1);
}
