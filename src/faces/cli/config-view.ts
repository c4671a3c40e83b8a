import { type LoadedConfig, OPTIONS, type Paths, shownValue } from '../../config/index.ts';
import type { ConfigView } from './command.ts';

/** The loaded configuration as `rampart config` shows it: every option, in the order of the schema. */
export function configView({ config, origins, file }: LoadedConfig, places: Paths): ConfigView {
  const values = OPTIONS.map(({ name, kind, description, variable, notYet }) => {
    const origin = origins[name];
    return {
      name,
      value: shownValue(kind, valueAt(config, name.split('.'))),
      kind,
      from: origin?.from ?? 'default',
      detail: origin?.detail ?? null,
      description,
      variable,
      notYet,
    };
  });
  const { userConfigPath, stateDir, historyDir, socketPath, tokenPath, logPath } = places;
  return {
    file,
    places: {
      'your file': userConfigPath,
      state: stateDir,
      history: historyDir,
      socket: socketPath,
      token: tokenPath,
      log: logPath,
    },
    values,
  };
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], tree);
}
