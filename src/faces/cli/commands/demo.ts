import type { Rampart, StatusReport } from '../../../model/index.ts';
import { RampartError } from '../../../model/index.ts';
import { wholeNumber } from '../args.ts';
import { defineCommand } from '../command.ts';
import { SWARM_SIZE } from '../demo/programs.ts';
import { startSwarm, type Swarm } from '../demo/swarm.ts';
import { EXIT, signalExit } from '../exit.ts';
import { line, span } from '../present/line.ts';
import { toJson } from '../present/safe.ts';
import { statusLines } from '../present/status.ts';
import { bytes, count } from '../present/units.ts';
import { using } from '../session.ts';
import { listenForStop, pause, type Stop } from '../stop.ts';
import type { Terminal } from '../terminal.ts';
import { runLive } from '../top/live.ts';
import { initialState } from '../top/state.ts';

/** The swarm at its largest (10 Node processes, 200 MiB of leak) uses some 500 MiB; with less than this it would hurt. */
const MIN_AVAILABLE_BYTES = 1024 ** 3;
/** Somebody who watches decides when it ends; this is for who walks away. */
const WATCHED_SECONDS = 600;
/** Long enough that the orphan has been looked at twice, ten seconds apart. */
const UNWATCHED_SECONDS = 30;
const LOOK_MS = 2000;

export const demo = defineCommand({
  about: [
    `Starts ${SWARM_SIZE} small Node processes of its own that look like three agent sessions: one with a leaking MCP server, a server behind npx and a tool; one that is idle; one whose agent crashed and left an orphan. Then it shows them live. The leak stops at 200 MiB.`,
    'Everything ends with the demo, also when the demo is killed. Off a terminal it watches for a while and prints the status at the end.',
  ],
  args: {
    seconds: {
      type: 'string',
      alias: 's',
      valueHint: 'N',
      description: `How long, 1–3600 (default: ${WATCHED_SECONDS} live, else ${UNWATCHED_SECONDS})`,
    },
  },
  examples: [
    { line: 'rampart demo', says: 'see what Rampart shows' },
    { line: 'rampart demo --seconds 30 --json', says: 'the status at the end, for scripts' },
  ],
  json: 'one StatusReport, taken at the end, as `rampart status --json`.',
  run: async ({ seconds }, { deps, terminal, json }) => {
    const live = terminal.interactive && !json;
    const forMs = 1000 * (wholeNumber(seconds, 'seconds', 1, 3600) ?? (live ? WATCHED_SECONDS : UNWATCHED_SECONDS));
    const stop = listenForStop();
    try {
      return await using(deps.openPrivate(), async (rampart) => {
        await refuseWhenTight(rampart);
        if (!json) terminal.printError([line(span('Starting a stand-in swarm …', 'dim'))]);
        const swarm = await startSwarm(forMs + 60_000, stop);
        let report: StatusReport | null = null;
        try {
          const timer = setTimeout(() => stop.now(), forMs);
          if (live) await show(rampart, terminal, swarm, stop);
          else report = await watch(rampart, stop);
          clearTimeout(timer);
        } finally {
          const left = await swarm.close();
          if (!json) sayGoodbye(terminal, swarm, left);
        }
        if (report !== null) print(report, terminal, json);
        const signal = await stop.wanted;
        return signal === null || signal === 'SIGINT' ? EXIT.ok : signalExit(signal);
      });
    } finally {
      stop.dispose();
    }
  },
});

async function refuseWhenTight(rampart: Rampart): Promise<void> {
  const { host } = await rampart.status();
  const free = Math.min(host.memoryAvailableBytes, host.limit.headroomBytes ?? Infinity);
  if (free >= MIN_AVAILABLE_BYTES) return;
  throw new RampartError(
    'unsupported',
    `only ${bytes(free)} of memory are available here; the demo wants ${bytes(MIN_AVAILABLE_BYTES)}`,
    '`rampart status` shows who uses it.',
  );
}

async function show(rampart: Rampart, terminal: Terminal, swarm: Swarm, stop: Stop): Promise<void> {
  const note = `Demo: ${swarm.pids().length} stand-in processes of Rampart's own, one leaks, one is an orphan. q ends them all.`;
  await runLive({ rampart, terminal, start: { ...initialState('memory', ''), note }, intervalMs: LOOK_MS, stop });
}

/** Looks again and again, as a service would: some verdicts need more than one look. */
async function watch(rampart: Rampart, stop: Stop): Promise<StatusReport> {
  let report = await rampart.status();
  while (!stop.isWanted()) {
    await pause(LOOK_MS, stop);
    report = await rampart.status();
  }
  return report;
}

function print(report: StatusReport, terminal: Terminal, json: boolean): void {
  if (json) terminal.printText(toJson(report));
  else terminal.print(statusLines(report, { width: terminal.width(), glyphs: terminal.glyphs, all: false }));
}

function sayGoodbye(terminal: Terminal, swarm: Swarm, left: readonly number[]): void {
  if (left.length > 0) {
    terminal.printError([
      line(
        span(`${count(left.length, 'process', 'processes')} of the demo did not end: pid ${left.join(', ')}`, 'bad'),
      ),
    ]);
    return;
  }
  terminal.printError([
    line(`The demo is over; all ${count(swarm.pids().length, 'process', 'processes')} of it are gone.`),
    line(span('Your own agents: `rampart status`. Let them ask: `rampart client-config claude-code`.', 'dim')),
    [],
  ]);
}
