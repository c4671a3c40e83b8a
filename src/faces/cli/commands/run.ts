import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import process from 'node:process';
import { RampartError } from '../../../model/index.ts';
import { watchCommand, type WatchReport } from '../../../service/gate/command.ts';
import { openSource } from '../../../sources/index.ts';
import { timeSpan } from '../args.ts';
import { defineCommand } from '../command.ts';
import { leakPage } from '../present/leak-page.ts';
import { leakReport } from '../present/leak-report.ts';
import { leakRunLines } from '../present/leak-run.ts';
import { toJson } from '../present/safe.ts';

/** The status of a gate that closed; no failure of ours has it (they begin at 64). */
const LEAK_EXIT = 3;
export const run = defineCommand({
  about: [
    'Runs a command with your own terminal and watches the memory of its whole process tree until it ends. Then it prints the verdict and the curve that decided to stderr, and exits with the status of the command, or with 3 on a leak: a leak gate for tests and CI. Half a minute or more under steady load gives a verdict; a minute finds leaks of some 20 KB a second in Node programs whose live memory hardly scatters, of a quarter of what is alive in any.',
    "Node programs in the tree report how much is alive after each full collection, through a small preload that NODE_OPTIONS gets. A collection is forced every --gc-every, at a cost of at most a tenth of the program's time (more only where one collection takes over half a second); --no-force-gc only listens to those that come by themselves, which may be too few. Other programs are judged by their memory alone: PSS + swap.",
    'A leak is what grows in each third of the run. A cache that is still filling when the run ends looks the same: give it time to fill. A program that computes in one go, so that its event loop never turns, is only suspected. So is a tool of a package (a test runner, a linter) that works through its input once and ends by itself: run the code under test in a loop of your own.',
  ],
  args: {
    'fail-on': {
      type: 'enum',
      valueHint: 'VERDICT',
      options: ['leak', 'suspected', 'never'],
      description: 'Exit with 3 on a leak, already on a suspicion, or never',
      default: 'leak',
    },
    report: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Write what was seen: a page where FILE ends in .html, else JSON',
    },
    every: { type: 'string', valueHint: 'TIME', description: 'Time between two looks at the tree', default: '400ms' },
    'gc-every': {
      type: 'string',
      valueHint: 'TIME',
      description: 'Time between two forced collections',
      default: '2s',
    },
    'force-gc': { type: 'boolean', description: 'Force collections; --no-force-gc does not', default: true },
  },
  rest: { form: '-- COMMAND…', description: 'The command and its arguments' },
  examples: [
    { line: 'rampart run -- node soak.js', says: 'fail the build when it leaks' },
    { line: 'rampart run --report leak.html -- npm run soak', says: 'keep the evidence: a page with the curves' },
    { line: 'rampart run --report leak.json -- npm run soak', says: 'the same as data' },
  ],
  json: "one document on stderr at the end (stdout is the command's): what --report writes to a .json.",
  run: async (args, { deps, terminal, json, rest }) => {
    const everyMs = timeSpan(args.every, 'every', 50, 3_600_000);
    const gcMs = timeSpan(args['gc-every'], 'gc-every', 200, 3_600_000);
    const [command = '', ...words] = rest;
    // The watch reads PSS of its own tree; nothing is spent on the rest of the machine.
    const source = openSource({ clock: deps.clock, pssBudgetMsPerSecond: 0 });
    let report: WatchReport;
    try {
      const forceGcMs = args['force-gc'] ? gcMs : null;
      report = await watchCommand(
        { command, args: words, everyMs, forceGcMs, env: process.env },
        { source, clock: deps.clock },
      );
    } finally {
      await source.close();
    }
    const content = toJson(leakReport(report, rest));
    if (json) terminal.streams.stderr.write(`${content}\n`);
    else terminal.printError(leakRunLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
    if (args.report !== undefined)
      write(args.report, isPage(args.report) ? leakPage(report, rest, deps.version) : content);
    return gate(report, args['fail-on'] as 'leak' | 'suspected' | 'never');
  },
});

function gate({ verdict, exitCode, signal }: WatchReport, failOn: 'leak' | 'suspected' | 'never'): number {
  const closed = (verdict === 'leaking' && failOn !== 'never') || (verdict === 'suspected' && failOn === 'suspected');
  if (closed) return LEAK_EXIT;
  // As shells report a command that a signal ended.
  return signal === null ? (exitCode ?? 0) : 128 + (constants.signals[signal] ?? 0);
}

const isPage = (path: string): boolean => /\.html?$/i.test(path);

function write(path: string, content: string): void {
  try {
    writeFileSync(path, `${content}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new RampartError(
      'io',
      `cannot write ${path}: ${(cause as Error).message}`,
      'Give --report another file.',
      cause,
    );
  }
}
