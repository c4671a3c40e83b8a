import type { Rampart } from '../../../model/index.ts';
import { RampartError } from '../../../model/index.ts';
import { timeSpan } from '../args.ts';
import { type CliDeps, defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { toJson } from '../present/safe.ts';
import { ONE_SHOT_ARG, openEither, using } from '../session.ts';
import { wholeFrame } from '../top/frame.ts';
import { runLive } from '../top/live.ts';
import { initialState, type Sort, SORTS, withReport } from '../top/state.ts';

export const top = defineCommand({
  about: [
    'The sessions and their trees, live: memory, its trend and its change since top began, CPU, state. The row that is chosen is explained at the bottom: its command line, its verdict and why. Press ? for the keys.',
    'Uses the running service, or starts one that leaves a minute after its last client. Where stdout is no terminal it prints one table and ends, as with --once.',
  ],
  args: {
    once: { type: 'boolean', description: 'Print one table and end' },
    interval: { type: 'string', alias: 'i', valueHint: 'TIME', description: 'Time between two looks', default: '2s' },
    sort: {
      type: 'enum',
      alias: 's',
      valueHint: 'ORDER',
      options: [...SORTS],
      description: `First sort order: ${SORTS.join(', ')}`,
      default: 'memory',
    },
    filter: { type: 'string', alias: 'f', valueHint: 'TEXT', description: 'Show only what contains TEXT' },
    ...ONE_SHOT_ARG,
  },
  examples: [
    { line: 'rampart top', says: 'watch the swarm' },
    { line: 'rampart top --sort change', says: 'what grows?' },
    { line: 'rampart top --once --filter orphan', says: 'one table of the orphans' },
  ],
  json: 'one StatusReport, as `rampart status --json`.',
  run: async (args, { deps, terminal, json }) => {
    const intervalMs = timeSpan(args.interval, 'interval', 200, 3_600_000);
    const start = initialState(args.sort as Sort, args.filter ?? '');
    const oneShot = args['one-shot'] === true;
    if (json || args.once === true || !terminal.interactive) {
      const report = await using(openEither(deps, oneShot), (rampart) => rampart.status());
      if (json) terminal.printText(toJson(report));
      else terminal.print(wholeFrame(withReport(start, report), terminal.width(), terminal.glyphs));
      return EXIT.ok;
    }
    return using(oneShot ? deps.openPrivate() : openLive(deps), (rampart) =>
      runLive({ rampart, terminal, start, intervalMs }),
    );
  },
});

/** A service that cannot start (a read-only home, no memory left) is no reason to show nothing. */
async function openLive(deps: CliDeps): Promise<Rampart> {
  try {
    return await deps.ensureService();
  } catch (cause) {
    if (cause instanceof RampartError && cause.code === 'service-unavailable') return deps.openPrivate();
    throw cause;
  }
}
