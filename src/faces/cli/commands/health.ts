import { defineCommand } from '../command.ts';
import { SEVERITY_EXIT } from '../exit.ts';
import { healthLines } from '../present/checks.ts';
import { toJson } from '../present/safe.ts';
import { ONE_SHOT_ARG, openEither, using } from '../session.ts';

export const health = defineCommand({
  about: [
    'One line for each thing that may be wrong, the worst first, each with its next step. The exit code is the severity: 0 ok, 1 warning, 2 critical, 3 emergency. 64 and above mean that the question could not be answered.',
  ],
  args: {
    quiet: { type: 'boolean', alias: 'q', description: 'Print nothing; only the exit code answers' },
    ...ONE_SHOT_ARG,
  },
  examples: [
    { line: 'rampart health', says: 'is anything wrong?' },
    { line: 'rampart health --quiet && claude', says: 'start an agent only while memory is fine' },
    { line: 'rampart health --json', says: 'for scripts' },
  ],
  json: 'the HealthReport: severity, checks[] {name, level: ok|info|warning|critical|emergency, detail, next}.',
  run: async ({ quiet, 'one-shot': oneShot }, { deps, terminal, json }) => {
    const report = await using(openEither(deps, oneShot === true), (rampart) => rampart.health());
    if (json) terminal.printText(toJson(report));
    else if (quiet !== true) terminal.print(healthLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
    return SEVERITY_EXIT[report.severity];
  },
});
