import type { ProcessReport, SessionReport } from '../../../model/index.ts';
import type { Glyphs } from '../present/glyphs.ts';
import { type Line, line, span } from '../present/line.ts';
import { shown } from '../present/safe.ts';
import { bytes, change, duration } from '../present/units.ts';
import { processName, sessionName } from '../present/words.ts';
import type { TopRow } from './rows.ts';
import type { TopState } from './state.ts';
import { changeOf } from './trail.ts';

/** What is known of the chosen row, and why its verdict is what it is. */
export function detailLines(state: TopState, row: TopRow | undefined, width: number, glyphs: Glyphs): Line[] {
  if (row === undefined || state.report === null) return [];
  const nowMs = state.report.atMs;
  const join = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(` ${glyphs.dot} `);
  const age = row.startedAtMs === null ? 'age not known' : `${duration(nowMs - row.startedAtMs)} old`;
  const watched = watchedText(state, row.id, nowMs);
  const rule = line(span(glyphs.rule.repeat(width), 'dim'));
  const { process, session } = row;
  if (process !== null) {
    return [
      rule,
      line(span(processName(process), 'strong'), span(`  pid ${process.pid}  `, 'dim'), shown(process.command)),
      line(join(verdictText(process), age)),
      line(span(join(...figures(process), watched), 'dim')),
    ];
  }
  if (session === null) return [];
  return [
    rule,
    line(
      span(sessionName(session), 'strong'),
      span(`  ${shown(session.sessionId)}  `, 'dim'),
      session.cwd === null ? null : shown(session.cwd),
    ),
    line(join(verdictText(session), age, `${session.confidence} % sure whose it is`)),
    line(span(join(...shares(session), watched), 'dim')),
  ];
}

function figures({ pssBytes, ussBytes, swapBytes, rssBytes, limit }: ProcessReport): string[] {
  return [
    `PSS ${bytes(pssBytes)}`,
    `USS ${bytes(ussBytes)}`,
    `swap ${bytes(swapBytes)}`,
    `RSS ${bytes(rssBytes)}`,
    limit === null ? '' : `limit ${bytes(limit.limitBytes)} (${shown(limit.kind)})`,
  ];
}

function shares({ byRole }: SessionReport): string[] {
  return (['agent', 'server', 'wrapper', 'tool', 'other'] as const)
    .filter((role) => byRole[role].count > 0)
    .map((role) => `${byRole[role].count} ${role} ${bytes(byRole[role].totalBytes)}`);
}

function watchedText({ trails }: TopState, id: string, nowMs: number): string {
  const trail = trails.get(id);
  const first = trail?.[0];
  const grown = changeOf(trail);
  return first === undefined || grown === null ? '' : `${change(grown)} in ${duration(nowMs - first.atMs)}`;
}

type Judged = Pick<ProcessReport, 'verdict' | 'verdictConfidence' | 'verdictEvidence'>;

function verdictText({ verdict, verdictConfidence, verdictEvidence }: Judged): string {
  const why = verdictEvidence[0] === undefined ? '' : `: ${shown(verdictEvidence[0].detail).replace(/\.$/, '')}`;
  return `${verdict} (${verdictConfidence} %)${why}`;
}
