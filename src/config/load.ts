import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RampartError } from '../model/index.ts';
import { badConfig } from './fault.ts';
import { findFile, readFileOrNull } from './file.ts';
import { fromEnvironment, fromFile, fromFlags, type Origin, type Setting } from './layers.ts';
import { OPTIONS, type Option } from './options.ts';
import type { Environment } from './paths.ts';
import { type Config, ConfigSchema } from './schema.ts';
import { shownValue } from './shown.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** By dotted option name; every option is in it. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** The file that was read; null: there is none. */
  readonly file: string | null;
}

export interface LoadOptions {
  /** Values by dotted option name, as text from a command line or typed; undefined ones do not count. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Environment;
  readonly cwd?: string;
  readonly home?: string;
  /**
   * Whether `rampart.config.json` of the working directory counts. A service that nobody started by hand says false: the
   * directory may be a stranger's repository, and its settings would then rule the one service of the user.
   */
  readonly projectFile?: boolean;
  /** Content of a file, null when there is none. Throws when it may not be read. */
  readonly readFile?: (path: string) => string | null;
}

/** Defaults, then the file, then the environment, then flags. Anything wrong is a RampartError('bad-config'). */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const env = options.env ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const home = options.home ?? homedir();
  const { projectFile = true, readFile = readFileOrNull } = options;
  const file = findFile({ env, cwd, home, projectFile, readFile });
  const settings = new Map<string, Setting>();
  for (const option of OPTIONS) settings.set(option.name, fallbackOf(option, env, cwd, home));
  const given = [
    ...(file === null ? [] : fromFile(file)),
    ...fromEnvironment(env, cwd),
    ...fromFlags(options.flags ?? {}, cwd),
  ];
  for (const setting of given) settings.set(setting.option.name, setting);
  const origins: Record<string, Origin> = {};
  for (const [name, setting] of settings) origins[name] = setting.origin;
  return { config: validate(settings), origins, file: file?.path ?? null };
}

function fallbackOf(option: Option, env: Environment, cwd: string, home: string): Setting {
  const origin: Origin = { from: 'default', detail: null };
  if (option.name === 'projects') return { option, value: [cwd], origin };
  if (option.name === 'claudeConfigDir') {
    const own = env['CLAUDE_CONFIG_DIR'];
    if (own === undefined || own === '') return { option, value: join(home, '.claude'), origin };
    return { option, value: resolve(cwd, own), origin: { from: 'environment', detail: 'CLAUDE_CONFIG_DIR' } };
  }
  return { option, value: option.fallback, origin };
}

function validate(settings: ReadonlyMap<string, Setting>): Config {
  const tree: Record<string, unknown> = {};
  for (const { option, value, origin } of settings.values()) {
    const result = option.schema.safeParse(value);
    if (!result.success) throw badValue(option, value, origin, result.error.issues[0]?.message ?? 'not valid');
    plant(tree, option.name.split('.'), value);
  }
  const whole = ConfigSchema.safeParse(tree);
  if (whole.success) return whole.data;
  const issue = whole.error.issues[0];
  const name = issue?.path.join('.') ?? '';
  const shown = [...settings.values()]
    .filter((setting) => setting.option.name.startsWith(`${name}.`))
    .map(
      (setting) =>
        `${setting.option.name} = ${JSON.stringify(shownValue(setting.option.kind, setting.value))} (${originText(setting.origin)})`,
    );
  throw badConfig(`${name}: ${issue?.message ?? 'not valid'}: ${shown.join(', ')}`, 'Change them together.');
}

function plant(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const branch = (tree[key] ??= {}) as Record<string, unknown>;
  plant(branch, rest, value);
}

function badValue(option: Option, value: unknown, from: Origin, reason: string): RampartError {
  const visible = shownValue(option.kind, value);
  const shown = JSON.stringify(visible)?.slice(0, 100) ?? String(visible);
  return badConfig(
    `${option.name} = ${shown} (${originText(from)}): ${reason}`,
    `${option.description} Default: ${JSON.stringify(option.fallback)}.`,
  );
}

/** For people: 'default', 'file /x', 'environment RAMPART_X', 'flag http.port'. */
function originText(from: Origin): string {
  return from.detail === null ? from.from : `${from.from} ${from.detail}`;
}
