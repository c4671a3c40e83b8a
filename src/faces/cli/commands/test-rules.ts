import { readFileSync, statSync } from 'node:fs';
import { RampartError } from '../../../model/index.ts';
import type { RuleTestResult } from '../../../service/rule-tests/run.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { line, span, wrapWords } from '../present/line.ts';
import { shown, toJson } from '../present/safe.ts';
import { count } from '../present/units.ts';
import type { Terminal } from '../terminal.ts';

/** The status of a test that failed; no failure of ours has it (they begin at 64). */
const FAILED_EXIT = 1;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

export const testRules = defineCommand({
  about: [
    'Runs tests of the alert rules, in the manner of `promtool test rules`: series of figures go in, and the file says which alerts fire when, and who is told. Nothing of this machine is looked at. docs/alerts.md describes the format.',
    'Thresholds are those of your configuration, or of the file itself: so you can see what a value that you think of would have done.',
  ],
  args: {},
  rest: { form: 'FILE…', description: 'YAML files' },
  examples: [
    { line: 'rampart test-rules my-alerts.yaml', says: 'do the rules do what I expect?' },
    { line: 'rampart test-rules --json alerts/*.yaml', says: 'for CI: exit 1 when a test fails' },
  ],
  json: '{schemaVersion, passed, failed, files[] {file, tests[] {name, failures[]}}}.',
  run: async (_args, { deps, terminal, json, rest }) => {
    const { parse } = await import('yaml');
    const files: { readonly file: string; readonly tests: readonly RuleTestResult[] }[] = [];
    for (const file of rest) files.push({ file, tests: await deps.testRules(readYaml(file, parse)) });
    const failed = files.flatMap(({ tests }) => tests).filter(({ failures }) => failures.length > 0).length;
    const passed = files.flatMap(({ tests }) => tests).length - failed;
    if (json) terminal.printText(toJson({ schemaVersion: 1, passed, failed, files }));
    else {
      for (const { file, tests } of files) show(file, tests, terminal);
      terminal.print([line(span(`${passed} passed, ${failed} failed`, failed > 0 ? 'bad' : 'good'))]);
    }
    return failed > 0 ? FAILED_EXIT : EXIT.ok;
  },
});

function readYaml(file: string, parse: (text: string, options: { maxAliasCount: number }) => unknown): unknown {
  let text: string;
  try {
    if (statSync(file).size > MAX_FILE_BYTES)
      throw new RampartError('bad-input', `${file} is larger than 4 MiB`, 'Split it.');
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof RampartError) throw cause;
    throw new RampartError('not-found', `${file} cannot be read`, 'Check its name.', cause);
  }
  try {
    // Aliases of aliases would make a small file huge.
    return parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    const [first = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new RampartError('bad-input', `${file} is no YAML: ${first}`, 'docs/alerts.md has an example.', cause);
  }
}

function show(file: string, tests: readonly RuleTestResult[], terminal: Terminal): void {
  terminal.print([line(span(shown(file), 'strong'))]);
  for (const { name, failures } of tests) {
    const word = failures.length === 0 ? span('ok    ', 'good') : span('FAILED', 'bad');
    terminal.print([
      line(
        '  ',
        word,
        ` ${shown(name)}`,
        failures.length > 1 ? span(` (${count(failures.length, 'time')})`, 'dim') : null,
      ),
    ]);
    for (const failure of failures) {
      terminal.print(wrapWords(shown(failure, 2000), terminal.width() - 10).map((text) => line(`          ${text}`)));
    }
  }
}
