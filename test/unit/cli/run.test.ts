import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CliDeps, runCli } from '../../../src/faces/cli/index.ts';
import { COMMANDS } from '../../../src/faces/cli/commands/index.ts';
import { manual } from '../../../src/faces/cli/manual.ts';
import { RampartError, type Severity } from '../../../src/model/index.ts';
import { capture, fakeDeps, fakeRampart } from '../../support/cli/fake.ts';
import { healthReport, statusReport } from '../../support/cli/reports.ts';

async function run(words: string, part: Partial<CliDeps> = {}, streams = capture()) {
  const argv = words.split(' ').filter((word) => word !== '');
  const code = await runCli(argv, fakeDeps(part), streams);
  return { code, out: streams.out(), err: streams.err() };
}

const absent = async (): Promise<never> => {
  throw new RampartError('service-unavailable', 'no Rampart service runs', 'Start one: `rampart start`.');
};

describe('help', () => {
  it('is what no command means, and lists every command', async () => {
    for (const words of ['', '--help', '-h', 'help']) {
      const { code, out } = await run(words);
      expect(code).toBe(0);
      for (const { name } of COMMANDS) expect(out).toContain(name);
    }
  });

  it.each(COMMANDS.map(({ name }) => name))('of %s has usage, flags and examples that parse', async (name) => {
    const entry = COMMANDS.find((candidate) => candidate.name === name);
    const command = await entry?.load();
    for (const words of [`${name} --help`, `help ${name}`, `${name} -h`]) {
      const { code, out } = await run(words);
      expect(code).toBe(0);
      expect(out).toContain(`Usage: rampart ${name}`);
      expect(out).toContain('Examples');
      expect(out).toContain('--json');
    }
    expect(command?.examples.length).toBeGreaterThan(0);
    for (const [flag, { description }] of Object.entries(command?.args ?? {}))
      expect([flag, description]).toEqual([flag, expect.stringMatching(/\w/)]);
  });

  it('fits 80 columns', async () => {
    for (const { name } of COMMANDS) {
      const { out } = await run(`${name} --help`, {}, capture(80, { NO_COLOR: '1', LANG: 'C.UTF-8' }));
      const wide = out
        .split('\n')
        .filter((row) => row.length > 80 && !row.startsWith('  rampart') && !row.startsWith('Usage'));
      expect(wide).toEqual([]);
    }
  });

  it('shows the version', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, out: '1.2.3-test\n' });
  });
});

describe('wrong usage', () => {
  it.each([
    ['staus', 'Did you mean `rampart status`?'],
    ['frobnicate', 'There are: start, status'],
    ['status --jsom', 'Did you mean --json?'],
    ['status --no-colour', 'Did you mean --no-color?'],
    ['status --zzz', 'See `rampart status --help`.'],
    ['--jsom status', 'Did you mean --json?'],
    ['status extra', "unexpected argument 'extra'"],
    ['status -z', '-z'],
    ['top --interval', 'interval'],
    ['top --interval 5parsecs', 'Give a time such as'],
    ['top --interval 1ms', 'Give a time such as'],
    ['top --sort size', 'size'],
    ['demo --seconds 0', 'Give a whole number from 1 to 3600'],
    ['history host --metric rssByte', 'Did you mean rssBytes?'],
    ['config http.prot', 'Did you mean http.port?'],
    ['client-config codx', 'Did you mean codex?'],
    ['mcp --json', '`mcp` has no --json'],
    ['status --all=maybe', 'all'],
  ])('%s is refused with 64 and the nearest valid name', async (words, says) => {
    const { code, out, err } = await run(words);
    expect(err).toContain(says);
    expect(code).toBe(64);
    expect(out).toBe('');
  });

  it('is JSON on stderr when JSON was asked for', async () => {
    const { code, out, err } = await run('status --json --nope');
    expect(code).toBe(64);
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({ schemaVersion: 1, error: { code: 'bad-input' } });
  });
});

describe('failures', () => {
  it('have message, next step and code, and a stack only on request', async () => {
    const { code, err } = await run('history', { connect: absent });
    expect(code).toBe(69);
    expect(err).toBe('rampart: no Rampart service runs\n  Start one: `rampart start`.\n  code: service-unavailable\n');
    const debug = await run('history', { connect: absent }, capture(null, { RAMPART_DEBUG: '1', LANG: 'C.UTF-8' }));
    expect(debug.err).toMatch(/at .*run\.test\.ts/);
  });

  it('that nobody foresaw are called a fault of Rampart', async () => {
    const status = async (): Promise<never> => {
      throw new TypeError('x is not a function\u001b[2J');
    };
    const { code, err } = await run('status', { connect: async () => fakeRampart({ status }) });
    expect(code).toBe(70);
    expect(err).toContain('x is not a function [2J');
    expect(err).toContain('code: internal');
    expect(err).not.toContain('\u001b');
  });

  it('close what was opened', async () => {
    const rampart = fakeRampart({ status: absent });
    expect((await run('status', { connect: async () => rampart })).code).toBe(69);
    expect(rampart.closed).toBe(1);
  });
});

describe('status', () => {
  it('asks the service, or looks once and says so', async () => {
    expect((await run('status')).out).not.toContain('a look of our own');
    expect((await run('status', { connect: absent })).out).toContain('a look of our own');
    expect((await run('status --one-shot')).out).toContain('a look of our own');
  });

  it('does not hide a service that cannot be asked', async () => {
    const connect = async (): Promise<never> => {
      throw new RampartError('version-mismatch', 'too old', 'Update.');
    };
    expect((await run('status', { connect })).code).toBe(69);
  });

  it('prints the report as JSON with all that is promised', async () => {
    const report = JSON.parse((await run('status --json')).out) as ReturnType<typeof statusReport>;
    expect(report.schemaVersion).toBe(1);
    expect(report.host).toMatchObject({
      memoryTotalBytes: expect.any(Number),
      memoryAvailableBytes: expect.any(Number),
    });
    expect(report.host.limit).toMatchObject({ limitBytes: expect.any(Number), headroomBytes: expect.any(Number) });
    for (const session of report.sessions) {
      expect(session).toMatchObject({
        sessionId: expect.any(String),
        client: 'claude-code',
        pssBytes: expect.any(Number),
        swapBytes: expect.any(Number),
        rssBytes: expect.any(Number),
        confidence: 98,
      });
    }
    for (const process of [...report.sessions.flatMap(({ processes }) => processes), ...report.unattributed]) {
      expect(Object.keys(process)).toEqual(expect.arrayContaining(['pid', 'startTime', 'role', 'pssBytes', 'verdict']));
    }
    expect(report).toEqual(statusReport());
  });
});

describe('health', () => {
  it.each([
    ['ok', 0],
    ['warning', 1],
    ['critical', 2],
    ['emergency', 3],
  ] satisfies [Severity, number][])('%s is exit code %i', async (severity, expected) => {
    const connect = async () => fakeRampart({ health: async () => healthReport(severity) });
    const text = await run('health', { connect });
    expect(text.code).toBe(expected);
    expect(text.out).toContain(severity.toUpperCase());
    expect((await run('health --quiet', { connect })).out).toBe('');
    const json = await run('health --json', { connect });
    expect(json.code).toBe(expected);
    expect(JSON.parse(json.out)).toMatchObject({ schemaVersion: 1, severity });
  });
});

describe('the other commands', () => {
  it('config names one value, and passes flags on by their option names', async () => {
    const { out } = await run('config http --json');
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, values: [{ name: 'http.port', from: 'environment' }] });
    let flags: Readonly<Record<string, string>> = {};
    const config: CliDeps['config'] = async (given) => {
      flags = given;
      return fakeDeps().config(given);
    };
    await run('config --port 4000 --no-http --interval 5s', { config });
    expect(flags).toEqual({ 'http.port': '4000', 'http.enabled': 'false', sampleInterval: '5s' });
  });

  it('client-config prints what is to be copied alone on stdout', async () => {
    const { out, err } = await run('client-config claude-code --http');
    expect(out).toBe('{"transport":"http"}\n');
    expect(err).toContain('claude mcp add rampart -- rampart mcp');
    expect((await run('client-config')).out).toContain('claude-code, codex');
    expect(JSON.parse((await run('client-config codex --json')).out)).toMatchObject({
      schemaVersion: 1,
      entry: { client: 'codex' },
    });
  });

  it('history, doctor and top --once answer as text and as JSON', async () => {
    for (const words of ['history host --since 15m', 'doctor', 'top --once', 'top --once --filter orphan']) {
      expect((await run(words)).code).toBe(0);
      expect(JSON.parse((await run(`${words} --json`)).out)).toMatchObject({ schemaVersion: 1 });
    }
    const { out } = await run('top --once --filter orphan');
    expect(out).toContain('browser-tools');
    expect(out).not.toContain('my-project');
  });

  it('top without a terminal prints one table', async () => {
    expect((await run('top')).out).toContain('docs-index');
  });
});

describe('the look', () => {
  it('has colours on a terminal only, and never with NO_COLOR', async () => {
    const utf8 = { LANG: 'C.UTF-8' };
    const colored = async (words: string, tty: number | null, env: Record<string, string>): Promise<boolean> =>
      (await run(words, {}, capture(tty, env))).out.includes('\u001b[');
    expect(await colored('status', 100, utf8)).toBe(true);
    expect(await colored('status', null, utf8)).toBe(false);
    expect(await colored('status', 100, { ...utf8, NO_COLOR: '1' })).toBe(false);
    expect(await colored('status --no-color', 100, utf8)).toBe(false);
    expect(await colored('status --color', null, utf8)).toBe(true);
    expect(await colored('status', 100, { ...utf8, TERM: 'dumb' })).toBe(false);
    expect(await colored('status', null, { ...utf8, FORCE_COLOR: '1' })).toBe(true);
  });

  it('is plain ASCII where the locale is not UTF-8', async () => {
    for (const env of [{ LANG: 'C' }, {}, { LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' }]) {
      // eslint-disable-next-line no-control-regex
      expect((await run('status', {}, capture(null, env as Record<string, string>))).out).toMatch(
        /^[\n\u0020-\u007e]+$/,
      );
    }
    expect((await run('status --ascii')).out).not.toContain('●');
    expect((await run('status')).out).toContain('●');
  });
});

describe('docs/cli.md', () => {
  it('is what the commands say; `npx tsx scripts/cli-docs.mjs` writes it', async () => {
    expect(readFileSync('docs/cli.md', 'utf8')).toBe(await manual(COMMANDS));
  });
});
