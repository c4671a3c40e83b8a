import { statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { RampartError } from '../model/index.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where Rampart keeps its things. Nothing here is created: that is for whoever writes first (0700 and 0600). */
export interface Paths {
  /** History, token and log: survives a reboot. */
  readonly stateDir: string;
  /** Socket and lock: gone after a reboot where the system has such a place. */
  readonly runtimeDir: string;
  readonly historyDir: string;
  /** What was done to processes; 0600. */
  readonly auditPath: string;
  /** Heap snapshots and light captures; 0700. */
  readonly capturesDir: string;
  readonly socketPath: string;
  readonly lockPath: string;
  /** Bearer token of the HTTP face; 0600. */
  readonly tokenPath: string;
  readonly logPath: string;
  /** While it exists, nothing is done automatically. */
  readonly killSwitchPath: string;
  /** The user's own configuration file; it need not exist. */
  readonly userConfigPath: string;
}

export interface PathsOptions {
  readonly home?: string;
  readonly platform?: NodeJS.Platform;
  readonly uid?: number;
  /** Owner of a directory, or null when it is none: asked for the runtime directory only. */
  readonly ownerOf?: (path: string) => number | null;
}

/** Bytes of `sun_path` without its end mark: Linux unix(7), and xnu's sys/un.h (macOS untried). */
const MAX_SOCKET_PATH_BYTES: Partial<Record<NodeJS.Platform, number>> = { linux: 107, darwin: 103 };

/**
 * XDG base directories on Linux, the usual equivalents on macOS and Windows (both untried). `RAMPART_STATE_DIR` and
 * `RAMPART_RUNTIME_DIR` win. Every program of one user must come to the same answer, or two services would run.
 */
export function paths(env: Environment, options: PathsOptions = {}): Paths {
  const platform = options.platform ?? process.platform;
  const home = options.home ?? homedir();
  const stateDir = absolute(env, 'RAMPART_STATE_DIR') ?? join(stateHome(env, home, platform), 'rampart');
  const runtimeDir =
    absolute(env, 'RAMPART_RUNTIME_DIR') ?? runtimeHome(env, platform, options) ?? join(stateDir, 'run');
  const socketPath = platform === 'win32' ? pipeName(runtimeDir) : join(runtimeDir, 'rampart.sock');
  checkSocketPath(socketPath, platform);
  return {
    stateDir,
    runtimeDir,
    historyDir: join(stateDir, 'history'),
    auditPath: join(stateDir, 'audit', 'actions.jsonl'),
    capturesDir: join(stateDir, 'captures'),
    socketPath,
    lockPath: join(runtimeDir, 'rampart.lock'),
    tokenPath: join(stateDir, 'token'),
    logPath: join(stateDir, 'rampart.log'),
    killSwitchPath: join(stateDir, 'automation.off'),
    userConfigPath: join(configHome(env, home, platform), 'rampart', 'config.json'),
  };
}

function stateHome(env: Environment, home: string, platform: NodeJS.Platform): string {
  const xdg = absoluteOrNull(env['XDG_STATE_HOME']);
  if (xdg !== null) return xdg;
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return join(home, '.local', 'state');
}

function configHome(env: Environment, home: string, platform: NodeJS.Platform): string {
  const xdg = absoluteOrNull(env['XDG_CONFIG_HOME']);
  if (xdg !== null) return xdg;
  if (platform === 'win32') return env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return join(home, '.config');
}

/**
 * `$XDG_RUNTIME_DIR`, and without it systemd's place for it: Codex strips the environment of its MCP servers, and such a
 * server must still find the service of the user's shell. A directory of somebody else (`sudo -E`) does not count.
 */
function runtimeHome(env: Environment, platform: NodeJS.Platform, options: PathsOptions): string | null {
  if (platform === 'win32') return null;
  const uid = options.uid ?? userInfo().uid;
  const ownerOf = options.ownerOf ?? directoryOwner;
  const candidates = [absoluteOrNull(env['XDG_RUNTIME_DIR'])];
  if (platform === 'linux') candidates.push(`/run/user/${uid}`);
  const own = candidates.find((path) => path !== null && ownerOf(path) === uid) ?? null;
  return own === null ? null : join(own, 'rampart');
}

function directoryOwner(path: string): number | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true ? stat.uid : null;
}

/** The XDG specification: relative paths in its variables are invalid and must be ignored. */
function absoluteOrNull(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null;
}

function absolute(env: Environment, name: string): string | null {
  const path = env[name];
  if (path === undefined || path === '') return null;
  if (isAbsolute(path)) return path;
  throw new RampartError(
    'bad-config',
    `${name} is '${path}', which is not an absolute path`,
    `Set ${name} to an absolute path, or unset it: a relative one would differ between programs.`,
  );
}

/** Windows has no socket files: a pipe named after the directory, so that `RAMPART_RUNTIME_DIR` separates services. */
function pipeName(runtimeDir: string): string {
  return `\\\\.\\pipe\\rampart-${runtimeDir.replace(/[^A-Za-z0-9]+/g, '-').slice(-200)}`;
}

function checkSocketPath(socketPath: string, platform: NodeJS.Platform): void {
  const max = MAX_SOCKET_PATH_BYTES[platform];
  if (max === undefined || Buffer.byteLength(socketPath) <= max) return;
  throw new RampartError(
    'bad-config',
    `the socket path ${socketPath} is longer than the ${max} bytes that the system allows`,
    'Set RAMPART_RUNTIME_DIR to a shorter directory.',
  );
}
