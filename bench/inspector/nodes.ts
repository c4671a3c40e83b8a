import { spawnSync } from 'node:child_process';

export interface Result {
  readonly text: string;
  /** Within the limits. */
  readonly isGood: boolean;
}

/** This Node and those that the npm package `node` brings; RAMPART_BENCH_NODES names other major versions. */
export function nodes(): readonly { readonly version: string; readonly path: string }[] {
  const wanted = (process.env['RAMPART_BENCH_NODES'] ?? '20,22,24').split(',');
  return wanted.map((major) => {
    if (process.versions.node.startsWith(`${major}.`))
      return { version: process.versions.node, path: process.execPath };
    const { stdout, stderr } = spawnSync('npx', ['-y', '-p', `node@${major}`, '-c', 'node -p process.execPath'], {
      encoding: 'utf8',
    });
    const path = stdout.trim();
    if (path === '') throw new Error(`no Node ${major}: ${stderr}`);
    return { path, version: spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1) };
  });
}
