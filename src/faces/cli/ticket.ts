import { randomUUID } from 'node:crypto';
import type { Rampart } from '../../model/index.ts';
import { bar } from './present/chart.ts';
import { line, span } from './present/line.ts';
import { shown } from './present/safe.ts';
import type { Terminal } from './terminal.ts';

const CLEAR_LINE = '\r\u001b[2K';
const BAR_WIDTH = 20;

/** Makes a long call; a person at a terminal sees how far it is, on one line of stderr that is gone afterwards. */
export async function watched<T>(
  rampart: Rampart,
  /** Null: nobody is to be shown anything. */
  terminal: Terminal | null,
  call: (ticket: string | undefined) => Promise<T>,
): Promise<T> {
  if (terminal?.streams.stderr.isTTY !== true) return call(undefined);
  const { stderr } = terminal.streams;
  const ticket = randomUUID();
  const stop = await rampart.subscribe((event) => {
    if (event.type !== 'progress' || event.ticket !== ticket) return;
    const { done, total, message } = event;
    const drawn = total === null || total <= 0 ? [] : bar(done / total, BAR_WIDTH, terminal.glyphs, 'accent');
    stderr.write(`${CLEAR_LINE}${terminal.paint(line(drawn, ' ', span(shown(message, 60), 'dim')))}`);
  });
  try {
    return await call(ticket);
  } finally {
    stop();
    stderr.write(CLEAR_LINE);
  }
}
