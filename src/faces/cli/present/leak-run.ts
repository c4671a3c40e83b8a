import type { WatchReport } from '../../../service/gate/command.ts';
import type { Glyphs } from './glyphs.ts';
import { leakCurve, leakTone, leakWord } from './leak.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { bytes, change, count, duration } from './units.ts';

/** The end of `rampart run`: the verdict first, why, and the curve that decided. */
export function leakRunLines(report: WatchReport, { width, glyphs }: { width: number; glyphs: Glyphs }): Line[] {
  const { verdict, decisive, isolates } = report;
  const kind = report.kind === null ? '' : ` ${report.kind}`;
  const curve = decisive?.unit === 'bytes' ? decisive.series.points : report.memory.points;
  const collections = isolates.reduce((sum, isolate) => sum + isolate.collections, 0);
  const pauseMs = isolates.reduce((sum, isolate) => sum + isolate.pauseMs, 0);
  const top = Math.max(0, ...report.memory.points.map(({ value }) => value));
  const pace = report.ratePerHourBytes === null ? null : line(`  ${change(report.ratePerHourBytes / 3600)} a second`);
  return [
    [],
    line(span('rampart ', 'dim'), leakWord(verdict, glyphs), span(kind, 'strong'), ...(pace === null ? [] : pace)),
    ...wrapWords(shown(report.reason, 600), Math.max(40, Math.min(100, width - 2))).map((text) => line('  ', text)),
    ...leakCurve(curve, { width, glyphs, tone: leakTone(verdict) }),
    line(
      span(
        `  watched ${duration(report.durationMs)}, ${count(report.looks, 'look')}; the tree used at least ${bytes(top)} at its peak; ` +
          (collections === 0
            ? 'no Node process told of its collections'
            : `${count(collections, 'major collection')} in ${count(isolates.length, 'V8 heap')} took ${duration(pauseMs)}`),
        'dim',
      ),
    ),
  ];
}
