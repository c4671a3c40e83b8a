import process from 'node:process';
import type { RampartEvent } from '../../../model/index.ts';
import { timeSpan } from '../args.ts';
import { type CliContext, defineCommand, type RunningService } from '../command.ts';
import { CONFIG_ARGS, configFlags } from '../config-flags.ts';
import { EXIT } from '../exit.ts';
import { cutLine, type Line, line, span } from '../present/line.ts';
import { shown, toJson } from '../present/safe.ts';
import { statusLines } from '../present/status.ts';
import { eventLine, pulseLine } from '../present/watch.ts';

/** The sums of sessions cost PSS readings: seldom. What is available comes with every tick, and costs nothing. */
const LOOK_TTY_MS = 20_000;
const MIN_DRAW_MS = 2_000;
/** A log wants to stay readable. */
const LOOK_LOG = '5m';

export const start = defineCommand({
  about: [
    'Runs the one service of this user and machine in the foreground: it samples, keeps the history, and answers the command line, the agents (MCP) and, over HTTP, whoever has the token. Ctrl-C ends it and removes its socket.',
    'Agents that start `rampart mcp` need no running service: their first question starts one in the background.',
  ],
  args: {
    every: {
      type: 'string',
      valueHint: 'TIME',
      description: 'Off a terminal: time between two lines about the state',
      default: LOOK_LOG,
    },
    ...CONFIG_ARGS,
  },
  examples: [
    { line: 'rampart start', says: 'watch, with MCP over HTTP on 127.0.0.1' },
    { line: 'rampart start --no-http', says: 'without a port' },
    { line: 'rampart start --interval 5s', says: 'look less often' },
  ],
  json: 'one JSON object a line: first {type: "started", schemaVersion, pid, socketPath, url, notes}, then each event except ticks.',
  run: async (args, context) => {
    const everyMs = timeSpan(args.every, 'every', 1000, 86_400_000);
    const service = await context.deps.runService(configFlags(args));
    try {
      if (context.json) await tellMachine(service, context);
      else await tellPerson(service, context, context.terminal.live ? LOOK_TTY_MS : everyMs);
    } finally {
      await service.close();
    }
    return EXIT.ok;
  },
});

async function tellMachine(service: RunningService, { terminal }: CliContext): Promise<void> {
  const say = (value: unknown): void => terminal.printText(toJson(value).replace(/\n\s*/g, ' '));
  const { socketPath, url, notes } = service;
  say({ type: 'started', schemaVersion: 1, pid: process.pid, socketPath, url, notes });
  const stop = await service.rampart.subscribe((event) => {
    if (event.type !== 'tick') say(event);
  });
  await service.ended;
  stop();
}

async function tellPerson(service: RunningService, { deps, terminal }: CliContext, pulseMs: number): Promise<void> {
  const { rampart } = service;
  terminal.print(heading(service, deps.version));
  let report = await rampart.status();
  terminal.print(statusLines(report, { width: terminal.width(), glyphs: terminal.glyphs, all: false }));
  terminal.print([[]]);

  // On a terminal the last line is written over; anything else that is said pushes it down.
  const over = terminal.live ? '\r\u001b[K' : '';
  const write = (text: Line, end: string): void =>
    void terminal.streams.stdout.write(over + terminal.paint(text) + end);
  const pulse = (): void => {
    const text = pulseLine(report, terminal.glyphs);
    // A line that wraps could not be written over.
    if (terminal.live) write(cutLine(text, terminal.width() - 1, terminal.glyphs.ellipsis), '');
    else write(text, '\n');
  };
  const look = async (): Promise<void> => {
    report = await rampart.status();
    pulse();
  };
  const onEvent = (event: RampartEvent): void => {
    if (event.type === 'tick' && terminal.live && event.atMs - report.atMs >= MIN_DRAW_MS) {
      report = {
        ...report,
        atMs: event.atMs,
        host: { ...report.host, memoryAvailableBytes: event.memoryAvailableBytes },
      };
      pulse();
    }
    const text = eventLine(event);
    if (text !== null) write(text, '\n');
  };
  const stop = await rampart.subscribe(onEvent);
  const timer = setInterval(() => void look().catch(() => undefined), pulseMs);
  try {
    if (terminal.live) pulse();
    write(line(span(`ended: ${shown(await service.ended)}`, 'dim')), '\n');
  } finally {
    clearInterval(timer);
    stop();
  }
}

function heading(service: RunningService, version: string): Line[] {
  const rows: readonly (readonly [string, string])[] = [
    ['look', '`rampart top` or `rampart status` in another terminal'],
    ['agents', '`rampart client-config claude-code` adds it to Claude Code; other clients alike'],
    ['socket', service.socketPath],
    ...(service.url === null ? [] : [['http', `${service.url}, MCP at /mcp`] as const]),
  ];
  return [
    line(span(`Rampart ${version} watches this machine.`, 'strong'), ' Ctrl-C stops it.'),
    ...rows.map(([label, text]) => line(span(`  ${label.padEnd(8)}`, 'dim'), shown(text, 500))),
    ...service.notes.map((note) => line(span('  note    ', 'warn'), shown(note, 500))),
    [],
  ];
}
