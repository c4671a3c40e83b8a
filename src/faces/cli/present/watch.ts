import type { RampartEvent, StatusReport } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span } from './line.ts';
import { shown } from './safe.ts';
import { bytes, count, percent, timeOfDay } from './units.ts';
import { isTrouble, levelMark, severityTone, shortId } from './words.ts';

/** The state of the machine in one line, for `start`. */
export function pulseLine(report: StatusReport, glyphs: Glyphs): Line {
  const used = report.sessions.reduce((sum, { totalBytes, rssBytes }) => sum + (totalBytes ?? rssBytes), 0);
  const trouble = [...report.sessions.flatMap(({ processes }) => processes), ...report.unattributed].filter(
    ({ verdict }) => isTrouble(verdict),
  );
  const own = report.rampart.cpuPercent === null ? '' : `, ${percent(report.rampart.cpuPercent)} of a core`;
  const parts = [
    `${count(report.sessions.length, 'session')} ${bytes(used)}`,
    `${bytes(report.host.memoryAvailableBytes)} available`,
    ...(trouble.length > 0 ? [`${count(trouble.length, 'process', 'processes')} to look at`] : []),
    `rampart ${bytes(report.rampart.rssBytes)}${own}`,
  ];
  return line(
    span(`${timeOfDay(report.atMs)}  `, 'dim'),
    levelMark(report.severity, glyphs),
    ' ',
    span(report.severity.toUpperCase(), severityTone(report.severity)),
    `  ${parts.join(` ${glyphs.dot} `)}`,
  );
}

/** What happened, for those events that a person wants to read; null for the rest. */
export function eventLine(event: RampartEvent): Line | null {
  const at = span(`${timeOfDay(event.atMs)}  `, 'dim');
  switch (event.type) {
    case 'severity':
      return line(at, span(`${event.from} > ${event.to}`, severityTone(event.to)), `  ${shown(event.reason, 400)}`);
    case 'session:started':
      return line(at, `${shown(event.client)} session ${shortId(event.sessionId)} started`);
    case 'session:ended':
      return line(at, `${shown(event.client)} session ${shortId(event.sessionId)} ended`);
    case 'dropped':
      return line(at, span(`${event.count} events were dropped for ${shown(event.sink)}`, 'warn'));
    default:
      return null;
  }
}
