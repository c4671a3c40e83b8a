// Writes the documents that are made from the code; with --check it only says which are out of date, and exits 1.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const { OPTIONS } = await import('../src/config/index.ts');
const { MemoryIntegrationSchema } = await import('../src/integrations/memory-integration-schema.ts');
const { INHIBITIONS, RULES } = await import('../src/alerts/index.ts');
const { ACTIONS } = await import('../src/actions/index.ts');
const z = await import('zod');

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const documents = {
  'docs/configuration.md': configuration(),
  'docs/alerts.md': alerts(),
  'docs/actions.md': actions(readFileSync(join(root, 'docs/actions.md'), 'utf8')),
  'docs/schemas/memory-integration.schema.json': schema(MemoryIntegrationSchema, 'memory-integration.json'),
};

let stale = 0;
for (const [name, content] of Object.entries(documents)) {
  const path = join(root, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  stale += 1;
  console.log(process.argv.includes('--check') ? `${name} is out of date: node scripts/generate-docs.mjs` : name);
  if (process.argv.includes('--check')) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
if (process.argv.includes('--check') && stale > 0) process.exit(1);

function schema(type, title) {
  const { $schema, ...rest } = z.toJSONSchema(type, { target: 'draft-2020-12' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** The page is written by hand; what stands between its marks is made of the rules. */
function alerts() {
  const page = readFileSync(join(root, 'docs/alerts.md'), 'utf8');
  const rules = RULES.map((rule) => {
    const wait = `${span(rule.forMs.warning)}, ${span(rule.forMs.critical)}, ${span(rule.forMs.emergency)}`;
    const options = Object.entries(rule.options).map(
      ([name, { value: number, unit, reason }]) => `| \`${name}\` | ${amount(number, unit)} | ${cell(reason)} |`,
    );
    return [
      `### ${rule.name} (${rule.type})`,
      `**${rule.title}** ${rule.about}`,
      `For ${wait} (warning, critical, emergency); keeps firing for ${span(rule.keepFiringForMs)}: ${rule.timing}.`,
      ...(options.length === 0 ? [] : [['| | | why |', '|---|---|---|', ...options].join('\n')]),
    ].join('\n\n');
  });
  const inhibitions = INHIBITIONS.map(({ name, reason }) => `- ${name}: ${reason}.`);
  return between(between(page, 'rules', rules.join('\n\n')), 'inhibitions', inhibitions.join('\n'));
}

function between(page, name, content) {
  const [before, rest] = splitOnce(page, new RegExp(`<!-- ${name}:begin[^>]*-->\\n`));
  const [, after] = splitOnce(rest, new RegExp(`<!-- ${name}:end -->`));
  return `${before}\n${content}\n\n<!-- ${name}:end -->${after}`;
}

/** The text up to and with the match, or without it, and what follows. */
function splitOnce(text, pattern) {
  const match = pattern.exec(text);
  if (match === null) throw new Error(`docs/alerts.md lacks ${pattern}`);
  return [text.slice(0, match.index + match[0].length), text.slice(match.index + match[0].length)];
}

function span(milliseconds) {
  return scaled(milliseconds, [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ]);
}

function amount(number, unit) {
  if (unit === 'ms') return span(number);
  if (unit === 'share') return String(number);
  if (unit === 'percent') return `${number} %`;
  return unit === 'count' ? String(number) : value(number, 'bytes').replace(/^.*\((.*)\)$/, '$1');
}

/** The table between the marks; the rest of the page is written by hand. */
function actions(page) {
  const rows = ACTIONS.map(
    ({ name, does, needs, risk, reversible }) =>
      `| \`${name}\` | ${does} | ${needs} | ${risk} | ${reversible ? 'yes' : 'no'} |`,
  );
  const table = ['| action | does | needs | risk | undo |', '|---|---|---|---|---|', ...rows].join('\n');
  return page.replace(/(<!-- actions: [^>]*-->)[\s\S]*(<!-- \/actions -->)/, `$1\n\n${table}\n\n$2`);
}

function configuration() {
  const working = OPTIONS.filter((option) => option.notYet === null);
  const later = OPTIONS.filter((option) => option.notYet !== null);
  return `<!-- Made by scripts/generate-docs.mjs from src/config/schema.ts: change that, not this. -->
# Configuration

Rampart needs none. \`rampart config\` prints every option, its value and where that came from.

Where an option comes from, the last one wins:

1. its default;
2. one file: \`$RAMPART_CONFIG\`, else \`rampart.config.json\` in the working directory, else the user's own (\`~/.config/rampart/config.json\`, or below \`$XDG_CONFIG_HOME\`). They are not merged. A service that was started by an MCP server instead of by hand leaves the working directory's file out: it serves all of your sessions, and one project must not rule them;
3. the environment: \`RAMPART_\`, words by one underscore, levels by two: \`http.port\` is \`RAMPART_HTTP__PORT\`;
4. flags.

Unknown names and impossible values are errors that name the option, where it was set, and the nearest valid name.

Sizes are bytes, durations milliseconds, shares parts of one. Text may have a unit: \`5s\`, \`2m\`, \`7d\`; \`64MiB\`, \`64MB\`, \`2g\`; \`75%\`. Lists of paths in the environment are written as in \`PATH\`. Relative paths start where they are written: beside the file, or in the working directory.

\`\`\`json
{
  "sampleInterval": "2s",
  "memoryThresholds": { "warning": 0.7 },
  "history": { "maxBytes": "512MiB" },
  "http": { "port": 3002 }
}
\`\`\`

## Options

${table(working)}

## Accepted, not used yet

These options of the original memory monitor are read and checked, so that a configuration can be kept as it is. Nothing acts on them yet; the last column says which part will.

${table(later, true)}

## Other variables

| variable | what | default |
|---|---|---|
| \`RAMPART_CONFIG\` | the configuration file | see above |
| \`RAMPART_STATE_DIR\` | history, token, log | \`$XDG_STATE_HOME/rampart\`, else \`~/.local/state/rampart\` |
| \`RAMPART_RUNTIME_DIR\` | socket and lock | \`$XDG_RUNTIME_DIR/rampart\`, else \`/run/user/UID/rampart\`, else \`run\` in the state directory |
| \`RAMPART_DEBUG\` | anything: errors come with a stack trace | not set |

A runtime directory that belongs to another user does not count. On macOS state and configuration are below \`~/Library/Application Support\`, on Windows below \`%LOCALAPPDATA%\` and \`%APPDATA%\`; both are untried.
`;
}

function table(options, later = false) {
  const head = later
    ? '| option | default | meaning | used by |\n|---|---|---|---|'
    : '| option | default | meaning | why this default |\n|---|---|---|---|';
  const rows = options.map(({ name, variable, description, reason, notYet, fallback, kind }) => {
    const last = later ? `${notYet} (not yet)` : reason;
    return `| \`${name}\`<br>\`${variable}\` | ${value(fallback, kind)} | ${cell(description)} | ${cell(last)} |`;
  });
  return [head, ...rows].join('\n');
}

/** Text inside a table: no HTML, no column of its own. */
function cell(text) {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|');
}

/** As a person would write it; the plain number where that is the same. */
function value(fallback, kind) {
  if (fallback === null || (Array.isArray(fallback) && fallback.length === 0)) return 'not set';
  if (kind === 'ms')
    return `${fallback} (${scaled(fallback, [
      ['d', 86_400_000],
      ['h', 3_600_000],
      ['m', 60_000],
      ['s', 1000],
    ])})`;
  if (kind === 'bytes')
    return `${fallback} (${scaled(fallback, [
      ['GiB', 2 ** 30],
      ['MiB', 2 ** 20],
      ['KiB', 1024],
    ])})`;
  return `\`${fallback}\``;
}

function scaled(number, units) {
  const [unit, size] = units.find(([, bytes]) => number >= bytes && number % bytes === 0) ?? ['', 1];
  return `${number / size} ${unit}`.trim();
}
