import { describe, expect, it } from 'vitest';
import { loadConfig, type LoadOptions, OPTIONS } from '../../../src/config/index.ts';
import { RampartError } from '../../../src/model/index.ts';

const USER_FILE = '/home/user/.config/rampart/config.json';

function load({ files = {}, ...options }: LoadOptions & { files?: Record<string, string> } = {}) {
  return loadConfig({ env: {}, cwd: '/code', home: '/home/user', readFile: (path) => files[path] ?? null, ...options });
}

function failure(options: Parameters<typeof load>[0]): RampartError {
  try {
    load(options);
  } catch (error) {
    if (error instanceof RampartError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('defaults', () => {
  it("are the seed's where the seed had them", () => {
    const { config, file } = load();
    expect(file).toBeNull();
    expect(config.sampleInterval).toBe(1000);
    expect(config.historySize).toBe(1000);
    expect(config.memoryThresholds).toEqual({ warning: 0.75, critical: 0.85, emergency: 0.95 });
    expect(config.leakDetection).toEqual({ enabled: true, growthThreshold: 0.1, windowSize: 10 });
    expect(config.alertThresholds.leakScore).toEqual({ warning: 0.5, critical: 0.7, emergency: 0.9 });
    expect(config.cooldownPeriods).toEqual({ warning: 60_000, critical: 30_000, emergency: 10_000 });
    expect(config.autoOptimization).toMatchObject({ aggressiveness: 'moderate', maxAutomations: 5 });
  });

  it('act on nothing by themselves', () => {
    const { actionTriggers, autoOptimization } = load().config;
    const { alertNotifications, ...acting } = actionTriggers;
    expect(alertNotifications).toBe(true);
    expect(acting).toEqual({
      autoGC: false,
      automaticShutdown: false,
      confirmSuspects: false,
      emergencyShutdown: false,
      memoryDump: false,
    });
    expect(autoOptimization.enabled).toBe(false);
  });

  it('take the working directory as project and know where Claude Code keeps its files', () => {
    const { config, origins } = load();
    expect(config.projects).toEqual(['/code']);
    expect(config.claudeConfigDir).toBe('/home/user/.claude');
    expect(origins['projects']).toEqual({ from: 'default', detail: null });
    const own = load({ env: { CLAUDE_CONFIG_DIR: '/elsewhere' } });
    expect(own.config.claudeConfigDir).toBe('/elsewhere');
    expect(own.origins['claudeConfigDir']).toEqual({ from: 'environment', detail: 'CLAUDE_CONFIG_DIR' });
  });

  it('have an origin for every option', () => {
    expect(Object.keys(load().origins).toSorted()).toEqual(OPTIONS.map((option) => option.name).toSorted());
  });
});

describe('layers', () => {
  const file = { '/code/rampart.config.json': '{"http":{"port":1},"sampleInterval":"2s","historySize":70}' };
  const env = { RAMPART_HTTP__PORT: '2', RAMPART_SAMPLE_INTERVAL: '3s' };

  it('go file, environment, flags', () => {
    const { config, origins } = load({ files: file, env, flags: { 'http.port': 4 } });
    expect([config.http.port, config.sampleInterval, config.historySize]).toEqual([4, 3000, 70]);
    expect(origins['http.port']).toEqual({ from: 'flag', detail: 'http.port' });
    expect(origins['sampleInterval']).toEqual({ from: 'environment', detail: 'RAMPART_SAMPLE_INTERVAL' });
    expect(origins['historySize']).toEqual({ from: 'file', detail: '/code/rampart.config.json' });
    expect(origins['http.enabled']).toEqual({ from: 'default', detail: null });
  });

  it('leave out undefined flags and empty variables', () => {
    const { config } = load({ env: { RAMPART_HTTP__PORT: '' }, flags: { 'http.port': undefined } });
    expect(config.http.port).toBe(3001);
  });

  it('read one file: named, of the project, of the user', () => {
    const files = {
      '/code/rampart.config.json': '{"historySize":71}',
      [USER_FILE]: '{"historySize":72}',
      '/x.json': '{"historySize":73}',
    };
    expect(load({ files }).config.historySize).toBe(71);
    expect(load({ files, projectFile: false }).config.historySize).toBe(72);
    expect(
      load({ files, env: { RAMPART_CONFIG: '/x.json', RAMPART_TOKEN: 'x', RAMPART_DEBUG: '1' } }).config.historySize,
    ).toBe(73);
    expect(load({ files, env: { RAMPART_CONFIG: '/x.json' } }).config.historySize).toBe(73);
    expect(load({ files, env: { XDG_CONFIG_HOME: '/none' }, projectFile: false }).config.historySize).toBe(1000);
  });

  it('know the variables that are no options', () => {
    const env = { RAMPART_DEBUG: '1', RAMPART_STATE_DIR: '/s', RAMPART_RUNTIME_DIR: '/r', OTHER_TOOL: 'x' };
    expect(load({ env }).config).toEqual(load().config);
  });

  it('resolve relative paths where they were written', () => {
    const files = { [USER_FILE]: '{"projects":["a","/b"]}' };
    expect(load({ files }).config.projects).toEqual(['/home/user/.config/rampart/a', '/b']);
    expect(load({ env: { RAMPART_PROJECTS: 'c:/d' } }).config.projects).toEqual(['/code/c', '/d']);
    expect(load({ flags: { projects: ['e'] } }).config.projects).toEqual(['/code/e']);
    expect(load({ files: { [USER_FILE]: '{"projects":[]}' } }).config.projects).toEqual([]);
  });

  it.each([
    ['RAMPART_SAMPLE_INTERVAL', '1500', 'sampleInterval', 1500],
    ['RAMPART_SERVICE__LINGER_MS', '2 m', 'service.lingerMs', 120_000],
    ['RAMPART_HISTORY__MAX_AGE_MS', '1.5d', 'history.maxAgeMs', 129_600_000],
    ['RAMPART_HISTORY__MAX_BYTES', '64MiB', 'history.maxBytes', 67_108_864],
    ['RAMPART_HISTORY__MAX_BYTES', '64 mb', 'history.maxBytes', 64_000_000],
    ['RAMPART_HISTORY__MAX_BYTES', '2g', 'history.maxBytes', 2_147_483_648],
    ['RAMPART_MEMORY_THRESHOLDS__WARNING', '70%', 'memoryThresholds.warning', 0.7],
    ['RAMPART_MEMORY_THRESHOLDS__WARNING', '0.7', 'memoryThresholds.warning', 0.7],
    ['RAMPART_HTTP__ENABLED', 'off', 'http.enabled', false],
    ['RAMPART_INTEGRATIONS__HIVE_DB', 'NO', 'integrations.hiveDb', false],
    ['RAMPART_ACTION_TRIGGERS__AUTO_GC', 'yes', 'actionTriggers.autoGC', true],
    ['RAMPART_AUTO_OPTIMIZATION__AGGRESSIVENESS', 'aggressive', 'autoOptimization.aggressiveness', 'aggressive'],
    ['RAMPART_CLAUDE_CONFIG_DIR', 'c', 'claudeConfigDir', '/code/c'],
  ])('read %s=%s', (variable, text, name, value) => {
    const read = name
      .split('.')
      .reduce<unknown>(
        (part, key) => (part as Record<string, unknown>)[key],
        load({ env: { [variable]: text } }).config,
      );
    expect(read).toBe(value);
  });
});

describe('refusals', () => {
  it.each<[string, Parameters<typeof load>[0], RegExp, RegExp]>([
    ['an unknown flag', { flags: { sampelInterval: 1 } }, /unknown option 'sampelInterval'/, /'sampleInterval'/],
    [
      'an unknown key',
      { files: { [USER_FILE]: '{"http":{"prot":1}}' } },
      /unknown option 'http\.prot'/,
      /'http\.port'/,
    ],
    ['an unknown group', { files: { [USER_FILE]: '{"alertThreshold":{}}' } }, /alertThreshold/, /'alertThresholds'/],
    ['a name without its group', { flags: { lingerMs: 1 } }, /lingerMs/, /'service\.lingerMs'/],
    ['a name like none', { flags: { qqqqqqqqqq: 1 } }, /qqqqqqqqqq/, /rampart config/],
    ['an unknown variable', { env: { RAMPART_HTTP_PORT: '1' } }, /RAMPART_HTTP_PORT/, /RAMPART_HTTP__PORT/],
    ['a prototype', { files: { [USER_FILE]: '{"__proto__":{"http":1}}' } }, /__proto__/, /./],
    ['a group as value', { files: { [USER_FILE]: '{"http":3001}' } }, /'http' must be an object/, /"http": \{/],
    ['a list as file', { files: { [USER_FILE]: '[]' } }, /must be an object/, /./],
    ['broken JSON', { files: { [USER_FILE]: '{"http":' } }, /config\.json is not valid JSON/, /Correct/],
    ['an empty file', { files: { [USER_FILE]: '' } }, /not valid JSON/, /./],
    ['a huge file', { files: { [USER_FILE]: ' '.repeat(1024 * 1024 + 1) } }, /larger than 1 MiB/, /./],
    ['a named file that is not there', { env: { RAMPART_CONFIG: '/gone' } }, /\/gone/, /RAMPART_CONFIG/],
    [
      'text for a number',
      { flags: { sampleInterval: '5 parsecs' } },
      /sampleInterval = "5 parsecs" \(flag/,
      /Default: 1000/,
    ],
    ['an empty interval', { flags: { sampleInterval: ' ' } }, /sampleInterval/, /./],
    ['an interval below the least', { flags: { sampleInterval: 1 } }, /sampleInterval/, /./],
    ['a negative size', { flags: { 'history.maxBytes': '-1GiB' } }, /history\.maxBytes/, /./],
    ['a share above one', { flags: { 'memoryThresholds.emergency': '950%' } }, /memoryThresholds\.emergency/, /./],
    ['infinity', { flags: { 'http.port': Number.POSITIVE_INFINITY } }, /http\.port/, /./],
    ['a string for a switch in a file', { files: { [USER_FILE]: '{"http":{"enabled":"yes"}}' } }, /http\.enabled/, /./],
    ['a wrong choice', { flags: { 'autoOptimization.aggressiveness': 'wild' } }, /aggressiveness = "wild"/, /./],
    [
      'levels in the wrong order',
      { flags: { 'memoryThresholds.warning': 0.9 } },
      /warning = 0\.9 \(flag .*critical = 0\.85 \(default\)/,
      /together/,
    ],
    ['a relative state directory', { env: { RAMPART_STATE_DIR: 'x' } }, /RAMPART_STATE_DIR/, /absolute/],
  ])('%s', (_, options, message, hint) => {
    const error = failure(options);
    expect(error.code).toBe('bad-config');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('a file that may not be read', () => {
    const readFile = (): string => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    };
    expect(failure({ readFile }).message).toMatch(/rampart\.config\.json cannot be read/);
  });
});

describe('the schema', () => {
  it('gives each option a variable of its own, a description and a reason', () => {
    expect(new Set(OPTIONS.map((option) => option.variable)).size).toBe(OPTIONS.length);
    const wrong = OPTIONS.filter(
      ({ description, reason, schema, fallback }) =>
        !description.endsWith('.') || reason.length < 6 || !schema.safeParse(fallback).success,
    );
    expect(wrong).toEqual([]);
  });

  it('says of ms, bytes and shares by the name or by the kind what they are', () => {
    const wrong = OPTIONS.filter(
      ({ name, kind }) => (name.endsWith('Bytes') && kind !== 'bytes') || (name.endsWith('Ms') && kind !== 'ms'),
    );
    expect(wrong).toEqual([]);
  });
});
