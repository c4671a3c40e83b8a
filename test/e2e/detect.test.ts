import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, type Sandbox, sandbox, startCli } from '../support/cli/program.ts';

const MB = 1_048_576;
const T0 = 1_767_225_600_000;
const HOURS = 48;
const STEP_S = 30;
const SAMPLES = (HOURS * 3600) / STEP_S;

let box: Sandbox;
beforeAll(() => {
  box = sandbox();
});
afterAll(() => box.dispose());

const file = (name: string, text: string | Uint8Array): string => {
  const path = join(box.dir, name);
  writeFileSync(path, text);
  return path;
};

/** Two days of a process that uses 300 MB, give or take a few, plus what `extraMb` says of an hour. */
const rows = (extraMb: (hours: number) => number): string[] => {
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: SAMPLES }, (_, i) => {
    const bytes = (300 + 8 * random() + extraMb((i * STEP_S) / 3600)) * MB;
    return `${T0 + i * STEP_S * 1000},${Math.round(bytes)},${(0.3 + 0.2 * random()).toFixed(3)}`;
  });
};
const csv = (lines: readonly string[]): string => `t_ms,rss_bytes,cpu_ratio\n${lines.join('\n')}\n`;
const leaky = (): string[] => rows((hours) => 10 * hours);
const flat = (): string[] => rows(() => 0);

interface Detected {
  file: string;
  verdict: string | null;
  samples: number;
  detectedAtMs: number | null;
  alarms: { fromMs: number; toMs: number }[];
  ratePerHourBytes: number | null;
  rateInterval: { lowBytesPerHour: number; highBytesPerHour: number } | null;
  forecast: { atMs: number; earliestMs: number; latestMs: number } | null;
  microsecondsPerSample: number | null;
  rejected: Record<string, number>;
  notes: { malformed: number; torn: boolean; ignored: string[] };
  error?: { code: string; message: string };
}
async function detect(...words: string[]): Promise<{ code: number | null; lines: Detected[]; err: string }> {
  const { code, out, err } = await cli(['detect', '--json', ...words], box);
  const lines = out.split('\n').filter((line) => line !== '');
  return { code, err, lines: lines.map((line) => JSON.parse(line) as Detected) };
}

describe('rampart detect', () => {
  it('finds a leak, its rate and when it will be full, and clears a healthy process', async () => {
    const paths = [file('leaky.csv', csv(leaky())), file('flat.csv', csv(flat()))];
    const { code, lines, err } = await detect('--limit', '2GiB', ...paths);
    expect({ code, err, files: lines.map((line) => line.file) }).toEqual({ code: 0, err: '', files: paths });
    const [leak, healthy] = lines;
    expect(leak).toMatchObject({ verdict: 'leaking', samples: SAMPLES });
    expect(leak?.alarms[0]).toEqual({ fromMs: leak?.detectedAtMs, toMs: T0 + (SAMPLES - 1) * STEP_S * 1000 });
    expect(Math.abs((leak?.ratePerHourBytes ?? 0) / MB - 10)).toBeLessThan(1);
    expect(leak?.rateInterval?.lowBytesPerHour).toBeLessThan(leak?.ratePerHourBytes ?? 0);
    // 2048 MB − 304 MB at 10 MB an hour.
    expect(Math.abs(((leak?.forecast?.atMs ?? 0) - T0) / 3_600_000 - 174)).toBeLessThan(20);
    expect(healthy).toMatchObject({ verdict: 'clear', alarms: [], detectedAtMs: null, forecast: null });
  });

  it('closes the gate on request', async () => {
    const [bad, good] = [file('bad.csv', csv(leaky())), file('good.csv', csv(flat()))];
    expect((await detect('--fail-on', 'leak', bad, good)).code).toBe(3);
    expect((await detect('--fail-on', 'leak', good)).code).toBe(0);
  });

  it('reads JSON lines from stdin with the same result', async () => {
    const running = startCli(['detect', '--json', '-'], box);
    const lines = leaky().map((line) => line.split(',').map(Number));
    running.child.stdin?.end(lines.map(([t_ms, rssBytes]) => JSON.stringify({ t_ms, rssBytes })).join('\n'));
    const { code, out } = await running.ended;
    expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, file: '-', verdict: 'leaking', samples: SAMPLES });
  });

  it('draws for people, in plain ASCII where asked', async () => {
    const { code, out } = await cli(['detect', '--ascii', file('drawn.csv', csv(leaky()))], box);
    expect(code).toBe(0);
    expect(out).toContain('LEAKING');
    expect(out).toMatch(/###/);
    expect(out).toMatch(/MiB an hour, 80 % between/);
    // eslint-disable-next-line no-control-regex
    expect(out).toMatch(/^[\x00-\x7f]*$/);
  });
});

describe('bad recordings', () => {
  it('have a verdict all the same, and say what was left out', async () => {
    const good = leaky();
    const broken = good.flatMap((line, i) => {
      const [t = '', bytes = ''] = line.split(',');
      if (i % 97 === 0) return [line, line];
      if (i % 89 === 0) return [line, `${Number(t) - 3_600_000},${bytes},0`];
      if (i % 83 === 0) return [`${t},NaN,`];
      if (i % 79 === 0) return [`${t},-5,0`];
      if (i % 73 === 0) return ['killed by the kernel', line];
      return i > 3000 && i < 3400 ? [] : [line];
    });
    const text = `\ufeff${csv(broken).replaceAll('\n', '\r\n')}17672,3`;
    const { code, lines } = await detect(file('broken.csv', text));
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ verdict: 'leaking', notes: { torn: false } });
    for (const why of ['duplicate', 'backwards', 'not-finite', 'negative'])
      expect(lines[0]?.rejected[why]).toBeGreaterThan(0);
    expect(lines[0]?.notes.malformed).toBeGreaterThan(10);
  });

  it.each([
    ['empty', ''],
    ['only names', 't_ms,rss_bytes\n'],
    ['one sample', `t_ms,rss_bytes\n${T0},1000000\n`],
    ['nothing that is known', 't_ms,rss_bytes\nNaN,NaN\n,\n'],
    ['zeros', `t_ms,rss_bytes\n${Array.from({ length: 50 }, (_, i) => `${T0 + i * 30_000},0`).join('\n')}\n`],
    ['figures beyond all measure', `t_ms,rss_bytes\n1e308,1e308\n-1e308,1\n1.7e308,1e308\n`],
  ])('%s: not enough data', async (name, text) => {
    const { code, lines } = await detect(file(`${name}.csv`, text));
    expect(code).toBe(0);
    expect(['insufficient-data', 'clear']).toContain(lines[0]?.verdict);
  });

  it('that are none have a clear error that names file and line; the others are read', async () => {
    const good = file('fine.csv', csv(flat()));
    const bad = file('photo.csv', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 1]));
    const wrong = file('wrong.csv', 'time,memory\n1,2\n');
    mkdirSync(join(box.dir, 'dir'), { recursive: true });
    const { code, lines } = await detect(bad, wrong, good, join(box.dir, 'none.csv'), join(box.dir, 'dir'));
    expect(code).not.toBe(0);
    expect(lines.map(({ verdict }) => verdict)).toEqual([null, null, 'clear', null, null]);
    expect(lines[0]?.error).toMatchObject({ code: 'corrupt', message: expect.stringContaining('photo.csv:1') });
    expect(lines[1]?.error?.message).toContain('wrong.csv:1: no column t_ms, rss_bytes');
    expect(lines[3]?.error).toMatchObject({ code: 'not-found' });
    expect(lines[4]?.error).toMatchObject({ code: 'bad-input' });
    const plain = await cli(['detect', bad], box);
    expect(plain).toMatchObject({ code: 65, out: '' });
    expect(plain.err).toContain('photo.csv:1');
  });

  it('of a million rows are read in bounded memory', async () => {
    // Ten times the rows take ten times as long and no more memory: bench and hand runs read 10 million.
    const ROWS = 1_000_000;
    const running = startCli(['detect', '--json', '-'], box, { NODE_OPTIONS: '--max-old-space-size=96' });
    const { stdin } = running.child;
    if (stdin === null) throw new Error('no stdin');
    stdin.write('t_ms,rss_bytes\n');
    for (let i = 0; i < ROWS; i += 10_000) {
      const part = Array.from(
        { length: 10_000 },
        (_, k) => `${T0 + (i + k) * 1000},${300_000_000 + ((i + k) % 977) * 1000}`,
      );
      if (!stdin.write(`${part.join('\n')}\n`)) await new Promise((drained) => stdin.once('drain', drained));
    }
    stdin.end();
    const { code, out } = await running.ended;
    expect({ code, ...JSON.parse(out) }).toMatchObject({ code: 0, samples: ROWS, verdict: 'clear' });
  });
});
