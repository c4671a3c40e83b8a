import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { doctorLines } from '../present/checks.ts';
import { toJson } from '../present/safe.ts';
import { ONE_SHOT_ARG, openEither, using } from '../session.ts';

export const doctor = defineCommand({
  about: [
    'Looks at what this machine lets Rampart see (processes, PSS, swap, pressure, cgroups, life signs, the registries of agents) and at Rampart itself, and says for each thing that is missing how to get it.',
  ],
  args: { ...ONE_SHOT_ARG },
  examples: [
    { line: 'rampart doctor', says: 'what can be seen here, and what cannot' },
    { line: 'rampart doctor --json', says: 'to attach to a bug report' },
  ],
  json: 'the DoctorReport: checks[] {name, works: true|false|null, detail, fix}.',
  run: async ({ 'one-shot': oneShot }, { deps, terminal, json }) => {
    const report = await using(openEither(deps, oneShot === true), (rampart) => rampart.doctor());
    if (json) terminal.printText(toJson(report));
    else terminal.print(doctorLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
    return EXIT.ok;
  },
});
