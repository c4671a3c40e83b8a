import { createProcessWatch, findProcess, RECORDED } from '../../../service/gate/process.ts';
import { openSource } from '../../../sources/index.ts';
import { createTraceWriter, type TraceWriter } from '../../../sources/trace/index.ts';
import { timeSpan, usage } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT, signalExit } from '../exit.ts';
import { line, span } from '../present/line.ts';
import { shown, toJson } from '../present/safe.ts';
import { count } from '../present/units.ts';
import { listenForStop, pause, type Stop } from '../stop.ts';
import type { ProcessWatch } from '../../../service/gate/process.ts';
import type { Clock, ProcessId } from '../../../model/index.ts';

const DAY_MS = 86_400_000;

export const record = defineCommand({
  about: [
    'Writes the memory of a running process to a CSV file that `rampart detect` reads: RSS, PSS, swap, CPU, threads and open files, one row a look. It ends with the process, after --for, or with Ctrl-C; what was written is complete up to then. The process is only looked at, never touched.',
    'ID is a pid, or pid:startTime as `rampart status --json` gives it, which no later process with that pid can be mistaken for. With several of them each gets a file of its own: its pid is added to the name. Files are readable for you alone, and an existing one is never overwritten.',
  ],
  args: {
    out: { type: 'string', alias: 'o', valueHint: 'FILE', description: 'The file to write', required: true },
    every: { type: 'string', valueHint: 'TIME', description: 'Time between two looks', default: '1s' },
    for: { type: 'string', valueHint: 'TIME', description: 'How long; by default until the process ends' },
  },
  rest: { form: 'ID…', description: 'Processes: pid or pid:startTime' },
  examples: [
    { line: 'rampart record 4242 --out api.csv', says: 'until it ends or Ctrl-C' },
    { line: 'rampart record 4242 --every 30s --for 2d --out api.csv', says: 'two days' },
  ],
  json: 'at the end: {schemaVersion, files[] {id, file, samples, ended}}.',
  run: async (args, { deps, terminal, json, rest }) => {
    if (args.out === undefined || args.out === '') throw usage('`record` needs --out FILE', 'record');
    const everyMs = timeSpan(args.every, 'every', 50, DAY_MS);
    const forMs = args.for === undefined ? Infinity : timeSpan(args.for, 'for', 0, 3650 * DAY_MS);
    const source = openSource({ clock: deps.clock, pssBudgetMsPerSecond: 0 });
    const stop = listenForStop();
    const writers = new Map<ProcessId, TraceWriter>();
    try {
      const processes = await Promise.all(rest.map((name) => findProcess(source, name)));
      for (const id of processes) writers.set(id, createTraceWriter(fileOf(args.out, id, processes.length), RECORDED));
      if (!json)
        terminal.printError([
          line(
            span(
              `Recording ${[...writers.values()].map(({ path }) => shown(path, 300)).join(', ')} … Ctrl-C ends it.`,
              'dim',
            ),
          ),
        ]);
      const watch = createProcessWatch(source, deps.clock, processes);
      const living = await follow({ watch, writers, clock: deps.clock, everyMs, forMs, stop });
      const files = [...writers].map(([{ pid, startTime }, { path, rows }]) => {
        const id = `${pid}:${startTime}`;
        return { id, file: path, samples: rows, ended: !living.has(id) };
      });
      if (json) terminal.printText(toJson({ schemaVersion: 1, files }));
      else
        terminal.print(
          files.map(({ id, file, samples, ended }) =>
            line(
              `${shown(file, 300)}: ${count(samples, 'sample')} of ${id}${ended ? ', which has ended' : ''}. \`rampart detect ${shown(file, 300)}\` judges it.`,
            ),
          ),
        );
      const signal = stop.isWanted() ? await stop.wanted : null;
      return signal === null || signal === 'SIGINT' ? EXIT.ok : signalExit(signal);
    } finally {
      stop.dispose();
      for (const writer of writers.values()) writer.close();
      await source.close();
    }
  },
});

/** `api.csv` → `api.4242.csv` when there are several. */
function fileOf(out: string, { pid }: ProcessId, processes: number): string {
  if (processes === 1) return out;
  return /\.[^./\\]+$/.test(out) ? out.replace(/(\.[^./\\]+)$/, `.${pid}$1`) : `${out}.${pid}`;
}

interface Following {
  readonly watch: ProcessWatch;
  readonly writers: ReadonlyMap<ProcessId, TraceWriter>;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly forMs: number;
  readonly stop: Stop;
}

/** Looks until all have ended, the time is over, or a stop is wanted; answers with the ids that still live. */
async function follow({ watch, writers, clock, everyMs, forMs, stop }: Following): Promise<Set<string>> {
  const startMs = clock.monotonicMs();
  for (;;) {
    const fromMs = clock.monotonicMs();
    const living = new Set<string>();
    for (const [id, sample] of await watch.look()) {
      if (sample === null) continue;
      living.add(`${id.pid}:${id.startTime}`);
      writers.get(id)?.write(sample);
    }
    const leftMs = forMs - (clock.monotonicMs() - startMs);
    if (living.size === 0 || leftMs <= 0 || stop.isWanted()) return living;
    await pause(Math.max(0, Math.min(leftMs, everyMs - (clock.monotonicMs() - fromMs))), stop);
    if (stop.isWanted()) return living;
  }
}
