import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FORCE_VARIABLE, SOCKET_VARIABLE } from './protocol.ts';

/** The built preload: beside the bundle, or in dist/ when we run from source. */
export const AGENT_PATH = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/gc-agent.cjs' : './gc-agent.cjs', import.meta.url),
);

/** `env` with the preload added to NODE_OPTIONS; what stands there stays. Without its file no Node would start: left out. */
export function withGcAgent(
  env: NodeJS.ProcessEnv,
  options: { readonly agentPath: string; readonly socketPath: string; readonly forceMs: number },
): NodeJS.ProcessEnv {
  const { agentPath, socketPath, forceMs } = options;
  if (!existsSync(agentPath)) return env;
  const preload = `--require ${quoted(agentPath)}`;
  const former = env['NODE_OPTIONS']?.trim() ?? '';
  return {
    ...env,
    NODE_OPTIONS: former === '' ? preload : `${former} ${preload}`,
    [SOCKET_VARIABLE]: socketPath,
    [FORCE_VARIABLE]: String(forceMs),
  };
}

/** Node splits NODE_OPTIONS at spaces; within double quotes a backslash escapes. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}
