import type { ChannelHealth, ChannelReport, DeadLetter } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import { count, duration } from './units.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

const COLUMNS: readonly Column[] = [
  { title: 'CHANNEL', align: 'left' },
  { title: 'STATE', align: 'left' },
  { title: 'SENT', align: 'right' },
  { title: 'FAILED', align: 'right', keep: 3 },
  { title: 'WAIT', align: 'right' },
  { title: 'DROPPED', align: 'right', keep: 4 },
  { title: 'STOPPED', align: 'right', keep: 2 },
  { title: 'LAST', align: 'right', keep: 1 },
];

const TONE: Readonly<Record<ChannelHealth['state'], Tone>> = {
  ok: 'good',
  failing: 'bad',
  disabled: 'warn',
  unavailable: 'bad',
};

/** People who look at dead letters replay them; the newest say why. */
const DEAD_SHOWN = 5;

export function channelLines(report: ChannelReport, { width, glyphs }: Options): Line[] {
  const { channels, deadLetters, outboxError } = report;
  if (channels.length === 0) {
    return [
      line(span('No channel is configured.', 'strong')),
      line(
        '`rampart config notifications --verbose` lists what there is; docs/notifications.md says how to set it up.',
      ),
    ];
  }
  const paragraph = (text: string, tone: Tone): Line[] =>
    wrapWords(shown(text, 600), Math.max(20, width - 2)).map((words) => line(span(`  ${words}`, tone)));
  return [
    ...table(
      COLUMNS,
      channels.map((channel) => row(channel, report.atMs)),
      width,
      glyphs,
    ),
    ...channels.flatMap((channel) => [
      ...(channel.lastError === null ? [] : [[], ...paragraph(`${channel.name}: ${channel.lastError}`, 'bad')]),
      ...(Object.keys(channel.stopped).length === 0 ? [] : [[], ...paragraph(stoppedText(channel), 'dim')]),
    ]),
    ...(outboxError === null ? [] : [[], ...paragraph(`The outbox cannot be written: ${outboxError}`, 'bad')]),
    ...deadLines(deadLetters, report.atMs, paragraph),
  ];
}

function row(channel: ChannelHealth, atMs: number): Line[] {
  const { name, state, sent, failed, waiting, dropped, stopped, lastSentMs } = channel;
  const stops = Object.values(stopped).reduce((sum, number) => sum + number, 0);
  return [
    line(shown(name)),
    line(span(state, TONE[state])),
    line(String(sent)),
    line(String(failed)),
    line(String(waiting)),
    line(span(String(dropped), dropped > 0 ? 'warn' : 'plain')),
    line(String(stops)),
    line(lastSentMs === null ? 'never' : `${duration(Math.max(0, atMs - lastSentMs))} ago`),
  ];
}

function stoppedText({ name, stopped }: ChannelHealth): string {
  const reasons = Object.entries(stopped).map(([reason, number]) => `${number} ${reason}`);
  return `${name}: not sent: ${reasons.join(', ')}`;
}

function deadLines(
  letters: readonly DeadLetter[],
  atMs: number,
  paragraph: (text: string, tone: Tone) => Line[],
): Line[] {
  if (letters.length === 0) return [];
  const shownLetters = letters.slice(0, DEAD_SHOWN);
  return [
    [],
    line(span(`${count(letters.length, 'notification was', 'notifications were')} given up`, 'strong')),
    ...shownLetters.flatMap(({ channel, title, reason, attempts, diedAtMs }) =>
      paragraph(
        `${channel}, ${duration(Math.max(0, atMs - diedAtMs))} ago after ${count(attempts, 'attempt')}: ${title} (${reason})`,
        'plain',
      ),
    ),
    ...paragraph('`rampart notify --replay` sends them again.', 'dim'),
  ];
}
