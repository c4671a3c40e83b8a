#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import type { CliDeps, Streams } from '../faces/cli/index.ts';
import type { KillSwitch } from '../service/kill-switch.ts';
import { VERSION } from '../service/version.ts';

/** The `rampart` program. Each part is loaded when it is needed: `--version` loads none, `mcp` only the relay. */

const fromSource = import.meta.url.endsWith('.ts');
const argv = process.argv.slice(2);
const { env } = process;

/** Whoever reads us may leave (`rampart status | head`): that is no failure. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 74));
}

if (argv.length === 1 && ['--version', '-v', '-V'].includes(argv[0] ?? '')) process.stdout.write(`${VERSION}\n`);
else if (argv.length === 1 && argv[0] === 'mcp') await runMcp();
else await run();

async function run(): Promise<void> {
  const { runCli } = await import('../faces/cli/index.ts');
  const code = await runCli(argv, await dependencies(), streams());
  // What is written must be out before we go; what is still open must not hold us.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

function streams(): Streams {
  return {
    // Only whoever reads keys touches it: to look at stdin is to open it.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env,
    platform: process.platform,
  };
}

/** The relay is a program of its own, made small: it is loaded from beside us, not bundled in. */
async function runMcp(): Promise<void> {
  await import(new URL(fromSource ? './mcp.ts' : './mcp.js', import.meta.url).href);
  // It ends the process itself, with its client.
  await new Promise<never>(() => undefined);
}

async function dependencies(): Promise<CliDeps> {
  const { systemClock } = await import('../sources/clock.ts');
  const load = async (flags: Readonly<Record<string, string>> = {}) => {
    const { loadConfig, paths } = await import('../config/index.ts');
    return { loaded: loadConfig({ flags }), places: paths(process.env) };
  };
  return {
    version: VERSION,
    clock: systemClock,
    connect: async () => {
      const { paths } = await import('../config/paths.ts');
      const { connect } = await import('../service/socket/client.ts');
      return connect({ socketPath: paths(process.env).socketPath, face: 'cli' });
    },
    ensureService: async () => {
      const { ensureService } = await import('../service/socket/ensure.ts');
      return ensureService({ face: 'cli', autoStart: true });
    },
    openPrivate: async () => {
      const { loaded, places } = await load();
      const { openPrivate } = await import('./run-service.ts');
      return openPrivate(loaded.config, places);
    },
    runService: async (flags) => {
      const { loaded, places } = await load(flags);
      const { runService } = await import('./run-service.ts');
      const { RampartError } = await import('../model/index.ts');
      const service = await runService({ mode: 'foreground', config: loaded.config, places });
      if (service !== null) return service;
      throw new RampartError('service-busy', 'a Rampart service runs already', '`rampart status` asks it.');
    },
    runMcp,
    config: async (flags) => {
      const { loaded, places } = await load(flags);
      const { configView } = await import('../faces/cli/config-view.ts');
      return configView(loaded, places);
    },
    testRules: async (content) => {
      const { loaded } = await load();
      const { runRuleTests } = await import('../service/rule-tests/run.ts');
      return runRuleTests(content, loaded.config);
    },
    killSwitch: {
      isStopped: async () => (await killSwitch()).isStopped(),
      stop: async () => (await killSwitch()).stop(),
      release: async () => (await killSwitch()).release(),
    },
    clients: async () => (await import('../integrations/client-config.ts')).CLIENTS,
    clientEntry: async (client, transport) => {
      const { loaded, places } = await load();
      const { clientConfig } = await import('../integrations/client-config.ts');
      const { port } = loaded.config.http;
      const server = fileURLToPath(new URL(fromSource ? '../../dist/mcp.js' : './mcp.js', import.meta.url));
      return clientConfig({
        client,
        transport,
        command: [...movedPlaces(), 'node', server],
        url: `http://127.0.0.1:${port}/mcp`,
        tokenFile: places.tokenPath,
      });
    },
  };
}

async function killSwitch(): Promise<KillSwitch> {
  const { mkdirSync } = await import('node:fs');
  const { paths } = await import('../config/paths.ts');
  const { createKillSwitch } = await import('../service/kill-switch.ts');
  const { stateDir, killSwitchPath } = paths(process.env);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  return createKillSwitch(killSwitchPath);
}

/**
 * Where our files are, if that was moved: a client hands on hardly any of its environment (Codex none of it), and what it
 * starts must find the same service. `env` replaces itself by the program, so that it costs no process.
 */
function movedPlaces(): string[] {
  const names = ['RAMPART_CONFIG', 'RAMPART_STATE_DIR', 'RAMPART_RUNTIME_DIR'];
  const set = names.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []));
  return set.length > 0 && process.platform !== 'win32' ? ['env', ...set] : [];
}
