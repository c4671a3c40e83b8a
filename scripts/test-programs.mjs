// Runs real leaking, fixed and healthy programs under `rampart run` and prints what it said of each. Exits 1 on any leak that
// was missed and any healthy program that was called leaking.
//   node scripts/test-programs.mjs [--seconds 60] [--jobs 2] [--repeat 1] [--only TEXT,TEXT…] [--json FILE] [--reports DIRECTORY]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    jobs: { type: 'string', default: '2' },
    repeat: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    reports: { type: 'string' },
  },
});
const programs = resolve('test/programs');
const cli = process.env.RAMPART_CLI ?? resolve('dist/cli.js');
const inherit = { stdio: ['ignore', 2, 2] };
if (process.env.RAMPART_CLI === undefined && spawnSync(process.execPath, ['scripts/setup.mjs'], inherit).status !== 0)
  process.exit(1);
// Also when programs were added since.
if (modifiedMs(join(programs, 'node_modules/.package-lock.json')) < modifiedMs(join(programs, 'package-lock.json'))) {
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    ...inherit,
    cwd: programs,
  });
  if (status !== 0) process.exit(1);
}

const out = mkdtempSync(join(tmpdir(), 'rampart-programs-'));
// What programs write goes with it.
process.env.TMPDIR = out;
const all = await cases();
const queue = Array.from({ length: Number(values.repeat) }, () => all).flat();
if (queue.length === 0) {
  console.error(`no program's name contains '${values.only}'`);
  process.exit(1);
}
const results = [];
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
rmSync(out, { recursive: true, force: true });
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
report();

function modifiedMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

async function worker() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const result = await watch(next);
    results.push(result);
    console.error(
      `${result.ok ? 'ok  ' : 'MISS'} ${result.program} ${result.variant}: ${result.verdict} ${result.kind ?? ''}`,
    );
  }
}

async function cases() {
  const found = [];
  const add = (program, variant, command, kind = null) =>
    found.push({ program, variant, command, kind, expected: variant === 'leaky' ? 'leaking' : 'clear' });
  for (const folder of ['leaks', 'healthy', 'made']) {
    for (const file of readdirSync(join(programs, folder))
      .filter((name) => name.endsWith('.mjs'))
      .sort()) {
      const program = `${folder}/${file.slice(0, -'.mjs'.length)}`;
      const { default: definition } = await import(join(programs, folder, file));
      // Most do one operation again and again; some are a whole command of their own.
      const command = (variant) =>
        definition.command?.(values.seconds, variant) ?? ['node', 'run.mjs', program, variant, values.seconds];
      for (const variant of Object.keys(definition.packages))
        add(program, variant, () => command(variant), definition.kind ?? null);
    }
  }
  for (const variant of ['leaky', 'fixed']) {
    add('made/python', variant, () => ['python3', 'made/leak.py', variant, values.seconds]);
    add('made/bash', variant, () => ['bash', 'made/leak.sh', variant, values.seconds]);
  }
  const names = new Set(found.map(({ program }) => program));
  // A whole name means that one; anything else, all that contain it.
  const isWanted = (program) => (text) => (names.has(text) ? program === text : program.includes(text));
  return found.filter(({ program }) => values.only.split(',').some(isWanted(program)));
}

async function watch({ program, variant, command, kind, expected }) {
  const name = `${program.replace('/', '-')}-${variant}-${Math.random().toString(36).slice(2, 8)}.json`;
  const file = join(values.reports === undefined ? out : resolve(values.reports), name);
  const child = spawn(process.execPath, [cli, 'run', '--fail-on', 'never', '--report', file, '--', ...command()], {
    cwd: programs,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const status = await new Promise((done) => child.on('close', done));
  if (!existsSync(file))
    return { program, variant, expected, verdict: `no report (status ${status}): ${said}`, ok: false };
  const seen = JSON.parse(readFileSync(file, 'utf8'));
  const decisive = seen.trends.find(({ of }) => of === seen.decisive);
  // A suspicion of a healthy program is no accusation; a leak must be called one, and by its kind where it is known.
  const right =
    expected === 'leaking' ? seen.verdict === 'leaking' : seen.verdict === 'clear' || seen.verdict === 'suspected';
  const ok = status === 0 && right && (expected !== 'leaking' || kind === null || seen.kind === kind);
  return {
    program,
    variant,
    expected: expected === 'leaking' && kind !== null ? `leaking ${kind}` : expected,
    verdict: seen.verdict,
    score: seen.score,
    kind: seen.kind,
    ratio: decisive === undefined || decisive.first === 0 ? null : decisive.last / decisive.first,
    riseBytes: decisive?.rise ?? null,
    weakest: decisive?.weakest ?? null,
    trends: seen.trends,
    status,
    ok,
    ...(ok ? {} : { said }),
  };
}

function report() {
  const figure = (value, digits) => (value === null || value === undefined ? '–' : value.toFixed(digits));
  const head = ['program', 'variant', 'verdict', 'score', 'kind', 'ratio', 'rise MB', 'weakest', 'expected', ''];
  const rows = results
    .toSorted((a, b) => `${a.program} ${a.variant}`.localeCompare(`${b.program} ${b.variant}`))
    .map((r) => [
      r.program,
      r.variant,
      r.verdict,
      figure(r.score, 2),
      r.kind ?? '–',
      figure(r.ratio, 2),
      figure(r.riseBytes === null || r.riseBytes === undefined ? null : r.riseBytes / 1e6, 1),
      figure(r.weakest, 2),
      r.expected,
      r.ok ? 'ok' : 'MISS',
    ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].split('\n')[0].length)));
  for (const row of [head, ...rows])
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
  const wrong = results.filter(({ ok }) => !ok);
  const missed = wrong.filter(({ expected }) => expected.startsWith('leaking')).length;
  console.log(
    `\n${results.length} runs of ${values.seconds} s: ${missed} leaks missed or misnamed, ${wrong.length - missed} false alarms or failures`,
  );
  process.exit(wrong.length > 0 ? 1 : 0);
}
