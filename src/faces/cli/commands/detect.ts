import { createReadStream } from 'node:fs';
import process from 'node:process';
import { RampartError } from '../../../model/index.ts';
import { createReplay, type ReplayResult } from '../../../service/gate/replay.ts';
import { readTrace, type TraceNotes } from '../../../sources/trace/index.ts';
import { byteSize } from '../args.ts';
import { type CliContext, defineCommand } from '../command.ts';
import { asRampartError, EXIT, exitCodeOf } from '../exit.ts';
import { leakFileLines } from '../present/leak-file.ts';
import { line, span } from '../present/line.ts';
import { shown, toJson } from '../present/safe.ts';

const LEAK_EXIT = 3;
const CHUNK_BYTES = 256 * 1024;

export const detect = defineCommand({
  about: [
    'Replays recordings through the leak detectors and says what they would have said live: the verdict at the end, the alarms on the way, the growth rate, since when, and of what kind. FILE is CSV with a line of names (t_ms, rss_bytes, and where known pss_bytes, swap_bytes, heap_used_bytes, external_bytes, gc_floor_bytes, cpu_ratio, requests, threads, open_files, children, file_bytes) or JSON lines with these names; - reads stdin. `rampart record` writes one.',
    'Files of any length are read in bounded memory. Lines that are no row of figures, samples without time or size, and times that go back are left out and counted.',
    'Recordings of less than ten minutes are judged as a run under steady load, longer ones as a service, whose caches and batches grow for hours without being leaks; --profile decides otherwise.',
  ],
  args: {
    limit: { type: 'string', valueHint: 'BYTES', description: 'Memory limit, e.g. 2GiB: adds when it will be reached' },
    'fail-on': {
      type: 'enum',
      valueHint: 'VERDICT',
      options: ['leak', 'suspected', 'never'],
      description: 'Exit with 3 when a file leaks, or is already suspected',
      default: 'never',
    },
    profile: {
      type: 'enum',
      valueHint: 'PROFILE',
      options: ['auto', 'service', 'run'],
      description: 'How the process was watched: service, run',
      default: 'auto',
    },
  },
  rest: { form: 'FILE…', description: 'Recordings; - is stdin' },
  examples: [
    { line: 'rampart detect api.csv', says: 'does it leak?' },
    { line: 'rampart detect --json *.csv', says: 'one line of JSON a file' },
    { line: 'rampart detect --limit 2GiB --fail-on leak api.csv', says: 'when it will be full; exit 3 on a leak' },
  ],
  json: 'one line a file: {file, verdict, kind, score, detectedAtMs, alarms[] {fromMs, toMs}, ratePerHourBytes, rateInterval, forecast, samples, microsecondsPerSample, …}; a file that cannot be read has {file, verdict: null, error}.',
  run: async (args, context) => {
    const limitBytes = args.limit === undefined ? null : byteSize(args.limit, 'limit');
    const profile = args.profile as 'auto' | 'service' | 'run';
    let code: number = EXIT.ok;
    let leaks = false;
    for (const file of context.rest) {
      try {
        const replay = createReplay(profile, context.deps.clock);
        const notes = await readTrace(open(file), file, (samples) => replay.push(samples));
        const result = replay.result(limitBytes);
        show(file, result, notes, context);
        const { verdict } = result.finding;
        leaks ||= verdict === 'leaking' || (verdict === 'suspected' && args['fail-on'] === 'suspected');
      } catch (cause) {
        const error = plainError(cause, file);
        code = exitCodeOf(error);
        showError(file, error, context);
      }
    }
    return code === EXIT.ok && leaks && args['fail-on'] !== 'never' ? LEAK_EXIT : code;
  },
});

async function* open(file: string): AsyncIterable<Uint8Array> {
  const stream = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
}

function plainError(cause: unknown, file: string): RampartError {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (cause instanceof RampartError || typeof code !== 'string') return asRampartError(cause);
  if (code === 'ENOENT') return new RampartError('not-found', `there is no file ${file}`, 'Check its name.', cause);
  if (code === 'EACCES' || code === 'EPERM')
    return new RampartError('not-permitted', `${file} may not be read`, 'Whose is it? `ls -l` tells.', cause);
  if (code === 'EISDIR') return new RampartError('bad-input', `${file} is a directory`, 'Give the files in it.', cause);
  return new RampartError(
    'io',
    `cannot read ${file}: ${(cause as Error).message}`,
    'Copy it elsewhere and try again.',
    cause,
  );
}

function show(file: string, result: ReplayResult, notes: TraceNotes, { terminal, json }: CliContext): void {
  if (!json)
    return terminal.print(leakFileLines({ file, result, notes }, { width: terminal.width(), glyphs: terminal.glyphs }));
  const { finding, alarms, forecast, fromMs, toMs, profile, microsecondsPerSample } = result;
  const { verdict, kind, score, ratePerHourBytes, rateInterval, samples, rejected, detectors, ...rest } = finding;
  const { reason, kindReason, confirmation, sinceMs, peakScore, peakAtMs } = rest;
  const line_ = {
    schemaVersion: 1,
    file,
    verdict,
    kind,
    score,
    detectedAtMs: alarms[0]?.fromMs ?? null,
    alarms,
    ratePerHourBytes,
    rateInterval,
    forecast: forecast.forecast,
    forecastReason: forecast.reason,
    samples,
    microsecondsPerSample,
    profile,
    fromMs,
    toMs,
    sinceMs,
    peakScore,
    peakAtMs,
    confirmation,
    reason,
    kindReason,
    rejected,
    detectors,
    notes,
  };
  terminal.printText(oneLine(line_));
}

function showError(file: string, { code, message, hint }: RampartError, { terminal, json }: CliContext): void {
  if (json)
    return terminal.printText(oneLine({ schemaVersion: 1, file, verdict: null, error: { code, message, hint } }));
  terminal.printError([
    line(span('rampart: ', 'bad'), shown(message, 1000)),
    line(`  ${shown(hint, 1000)}`),
    line(span(`  code: ${code}`, 'dim')),
  ]);
}

/** toJson breaks lines for people; line breaks inside strings are escapes. */
function oneLine(value: unknown): string {
  return toJson(value).replace(/\n\s*/g, ' ');
}
