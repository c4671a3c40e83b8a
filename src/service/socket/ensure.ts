import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { paths, type Environment } from '../../config/paths.ts';
import { RampartError, type Caller, type Rampart, type RampartEvent } from '../../model/index.ts';
import { connect, ConnectionLost, type RemoteRampart } from './client.ts';
import { launchService, type Launched } from './launch.ts';
import { COMMANDS, compareVersions, questions, type Welcome } from './protocol.ts';
import { redactText, sanitise } from '../../untrusted/index.ts';
import { VERSION } from '../version.ts';

export interface EnsureOptions {
  readonly face: Caller['face'];
  /** Start a service when none runs. False: only use one that runs. */
  readonly autoStart: boolean;
  readonly env?: Environment;
  /** Longest wait for a service that had to be started. */
  readonly deadlineMs?: number;
  /** See ConnectOptions. */
  readonly version?: string;
  readonly callTimeoutMs?: number;
}

/** A `Rampart` that finds its service again when that has gone: once for each call. */
export interface ServiceClient extends Rampart {
  /** The service of the last connection. */
  service(): Welcome;
}

/** Starting Node, reading config and history on a machine that is short of memory. */
const DEADLINE_MS = 20_000;
/** An older client that starts its own service just then is asked again; after that an older service is good enough. */
const MAX_HANDOVERS = 3;
const FIRST_POLL_MS = 15;
const MAX_POLL_MS = 250;

/** Connects to the user's service; starts one when none runs and asks an older one to hand over. */
export async function ensureService(options: EnsureOptions): Promise<ServiceClient> {
  return createServiceClient(await reach(options), options);
}

async function reach(options: EnsureOptions): Promise<RemoteRampart> {
  const env = options.env ?? process.env;
  const places = paths(env);
  const version = options.version ?? VERSION;
  const deadline = performance.now() + (options.deadlineMs ?? DEADLINE_MS);
  const socketPath = places.socketPath;
  let launched: Launched | null = null;
  let handovers = 0;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(MAX_POLL_MS, pollMs * 1.5)) {
    try {
      const remote = await connect({ ...options, socketPath, version });
      if (handovers >= MAX_HANDOVERS || !(await handsOver(remote, version, options.autoStart))) return remote;
      handovers += 1;
    } catch (error) {
      if (!(error instanceof ConnectionLost) || !options.autoStart) throw error;
      const exitCode = launched?.exitCode() ?? null;
      if (exitCode !== null && exitCode !== 0) throw notStarted(places.logPath, 'it ended', lastLine(places.logPath));
      // Whoever loses the election ends with 0; if its winner has gone meanwhile, we are to start another.
      if (launched === null || exitCode === 0) {
        launched = launchService({ ...places, runtimeDir: dirname(places.lockPath), env });
      }
    }
    if (performance.now() > deadline) throw notStarted(places.logPath, 'it is not ready yet');
    await sleep(pollMs);
  }
}

/** True when the service is older and leaves: then wait and connect to its successor. */
async function handsOver(remote: RemoteRampart, version: string, autoStart: boolean): Promise<boolean> {
  if (!autoStart || compareVersions(remote.service.version, version) >= 0) return false;
  try {
    if (!(await remote.handover()).accepted) return false;
    await remote.close();
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  }
  return true;
}

const notStarted = (logPath: string, reason: string, lastWords: string | null = null): RampartError =>
  new RampartError(
    'service-unavailable',
    `the Rampart service did not start: ${lastWords ?? reason}`,
    `See its log, ${logPath}, and \`rampart doctor\`.`,
  );

/** Why a service ended is the last line that it wrote. */
function lastLine(path: string): string | null {
  try {
    const line = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    return line === '' ? null : sanitise(redactText(line), 500);
  } catch {
    return null;
  }
}

function createServiceClient(first: RemoteRampart, options: EnsureOptions): ServiceClient {
  let current: Promise<RemoteRampart>;
  let service = first.service;
  let closed = false;
  const listeners = new Map<(event: RampartEvent) => void, () => void>();

  const adopt = (remote: RemoteRampart): RemoteRampart => {
    service = remote.service;
    remote.onLost(() => {
      if (!closed && listeners.size > 0) void resubscribe();
    });
    return remote;
  };

  const renew = (lost: Promise<RemoteRampart>): Promise<RemoteRampart> => {
    // Many calls may find the same connection broken; the first renews it for all.
    if (current === lost) current = reach(options).then(adopt);
    return current;
  };

  const resubscribe = async (): Promise<void> => {
    try {
      const remote = await renew(current);
      for (const listener of listeners.keys()) listeners.set(listener, await remote.subscribe(listener));
    } catch {
      // No service can be had now; the next call tries again and tells its caller.
    }
  };

  /** For what must not happen twice: a connection that is known to be gone is renewed, but nothing is said again. */
  const tell = async <T>(command: (remote: RemoteRampart) => Promise<T>): Promise<T> => {
    const connection = current;
    const remote = await connection.catch(() => renew(connection));
    return command(remote.isLost() && !closed ? await renew(connection) : remote);
  };

  const ask = async <T>(question: (remote: RemoteRampart) => Promise<T>): Promise<T> => {
    const connection = current;
    const remote = await connection.catch(() => renew(connection));
    try {
      return await question(remote);
    } catch (error) {
      if (closed || !(error instanceof ConnectionLost)) throw error;
      return question(await renew(connection));
    }
  };

  current = Promise.resolve(adopt(first));
  return {
    service: () => service,
    ...questions((method, params) => {
      const put = (remote: RemoteRampart): Promise<unknown> =>
        // One parameter at most, of the type that this method has: see `questions`.
        (remote[method] as (params: unknown) => Promise<unknown>)(params);
      return COMMANDS.some((command) => command === method) ? tell(put) : ask(put);
    }),
    subscribe: async (listener) => {
      listeners.set(listener, await ask((remote) => remote.subscribe(listener)));
      return () => {
        listeners.get(listener)?.();
        listeners.delete(listener);
      };
    },
    close: async () => {
      closed = true;
      await current.then((remote) => remote.close()).catch(() => undefined);
    },
  };
}
