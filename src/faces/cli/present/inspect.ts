import type { CodePlace, Culprit, HeapFigures, InspectReport } from '../../../model/index.ts';
import { bar } from './chart.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import { bytes, count, percent } from './units.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

const BAR_WIDTH = 24;

/** What it is, what its memory is made of, its heaps, and who makes it grow. */
export function inspectLines(report: InspectReport, options: Options): Line[] {
  const { process } = report;
  return [
    line(span(shown(process.name), 'accent'), span(`  ${process.id}  ${process.runtime}`, 'dim')),
    ...paragraph(report.summary.replace(/^Process [\d:]+: /, ''), options.width),
    ...madeOf(report, options),
    ...(report.heaps ?? []).flatMap((heap) => heapLines(heap, options)),
    ...gcLines(report),
    ...collectionLines(report),
    ...(report.culprits === null ? [] : culpritLines(report.culprits, options)),
    ...footLines(report, options),
  ];
}

function paragraph(text: string, width: number): Line[] {
  return wrapWords(shown(text, 400), width).map((part) => line(span(part, 'strong')));
}

const PART_COLUMNS: readonly Column[] = [
  { title: 'RESIDENT', align: 'left' },
  { title: '', align: 'right' },
  { title: '', align: 'left', keep: 1 },
];

function madeOf({ split, nativeResidualBytes, heaps }: InspectReport, { width, glyphs }: Options): Line[] {
  if (split === null) return [];
  const external = heaps?.reduce((sum, { externalBytes }) => sum + (externalBytes ?? 0), 0) ?? null;
  const parts: readonly (readonly [string, number | null])[] = [
    ['V8 heap', split.v8Bytes],
    ['other anonymous', split.otherAnonymousBytes],
    ['  Buffers and external', external],
    ['  native residual', nativeResidualBytes],
    ['files and code', split.fileBytes],
  ];
  const rows = parts
    .filter(([, size]) => size !== null)
    .map(([name, size]) => [
      line(name),
      line(bytes(size)),
      bar(split.rssBytes > 0 ? (size ?? 0) / split.rssBytes : 0, BAR_WIDTH, glyphs, 'accent'),
    ]);
  const swap = split.swapBytes > 0 ? [[line('swapped out'), line(bytes(split.swapBytes)), line('')]] : [];
  return [[], ...table(PART_COLUMNS, [...rows, ...swap], width, glyphs)];
}

const SPACE_COLUMNS: readonly Column[] = [
  { title: 'SPACE', align: 'left' },
  { title: 'USED', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: '', align: 'left', keep: 1 },
];

function heapLines(heap: HeapFigures, { width, glyphs }: Options): Line[] {
  const limit = heap.limitBytes === null ? '' : `  of at most ${bytes(heap.limitBytes)}`;
  const title = heap.threadId === 0 ? 'Heap' : `Heap of thread ${heap.threadId}, ${shown(heap.name, 60)}`;
  const spaces = heap.spaces.filter(({ sizeBytes }) => sizeBytes > 0).toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const rows = spaces.map(({ name, usedBytes, sizeBytes }) => [
    line(shown(name.replace(/_space$/, '').replaceAll('_', ' '), 40)),
    line(bytes(usedBytes)),
    line(bytes(sizeBytes)),
    bar(usedBytes / sizeBytes, BAR_WIDTH, glyphs, 'good'),
  ]);
  return [
    [],
    line(span(title, 'strong'), `  ${bytes(heap.usedBytes)} used of ${bytes(heap.totalBytes)}${limit}`),
    ...table(SPACE_COLUMNS, rows, width, glyphs),
  ];
}

function gcLines({ gc }: InspectReport): Line[] {
  if (gc === null) return [];
  const kinds = Object.entries(gc.byKind).filter(([, kind]) => kind.count > 0);
  const each = kinds.map(([name, { count: times, totalMs, maxMs }]) =>
    line(
      `  ${name.padEnd(15)} ${times} ${times === 1 ? 'time' : 'times'}, ${totalMs.toFixed(1)} ms, longest ${maxMs.toFixed(1)} ms`,
    ),
  );
  const share = `${percent(gc.share * 100)} of ${(gc.windowMs / 1000).toFixed(1)} s`;
  return [[], line(span('Collections', 'strong'), `  ${kinds.length === 0 ? 'none' : share}`), ...each];
}

function collectionLines({ collection }: InspectReport): Line[] {
  if (collection === null) return [];
  const { freedBytes, pauseMs, rssBeforeBytes, rssAfterBytes } = collection;
  return [
    [],
    line(span('Full collection', 'strong'), `  freed ${bytes(freedBytes)} in ${pauseMs} ms`),
    line(`  resident ${bytes(rssBeforeBytes)} before, ${bytes(rssAfterBytes)} after`),
  ];
}

const CULPRIT_COLUMNS: readonly Column[] = [
  { title: 'GROWTH', align: 'right' },
  { title: 'SHARE', align: 'right' },
  { title: 'PER HOUR', align: 'right', keep: 1 },
  { title: 'FUNCTION', align: 'left', flexible: true },
];
/** Callers that are shown of the first culprit. */
const SHOWN_CALLERS = 5;

export function culpritLines(culprits: readonly Culprit[], { width, glyphs }: Options): Line[] {
  if (culprits.length === 0) return [[], line(span('Nothing that was allocated meanwhile is kept.', 'good'))];
  const rows = culprits.map((one) => [
    line(bytes(one.growthBytes)),
    line(percent(one.share * 100)),
    line(bytes(one.ratePerHourBytes)),
    placeLine(one.source ?? one),
  ]);
  const callers = (culprits[0]?.stack ?? []).slice(0, SHOWN_CALLERS);
  return [
    [],
    line(span('What grows', 'strong'), span('  live memory by the function that allocated it', 'dim')),
    ...table(CULPRIT_COLUMNS, rows, width, glyphs),
    ...(callers.length === 0 ? [] : [line(span('The first is called by', 'dim'))]),
    ...callers.map((caller) => line('  ', placeLine(caller))),
  ];
}

function placeLine({ functionName, file, line: at, column }: CodePlace): Line {
  const where = at === null ? '' : `:${at}${column === null ? '' : `:${column}`}`;
  return line(shown(functionName, 80), span(`  ${shown(tail(file), 200)}${where}`, 'dim'));
}

/** Of a package only its name and what follows: the rest of the path is the same for all. */
function tail(file: string): string {
  const at = file.lastIndexOf('/node_modules/');
  return at < 0 ? file : file.slice(at + '/node_modules/'.length);
}

function footLines({ inspectability, attachedMs, heaps, unknown }: InspectReport, { width }: Options): Line[] {
  if (attachedMs !== null) {
    const how = inspectability.way === 'port' ? 'its own inspector was used' : 'its inspector was open';
    return [[], line(span(`${how} for ${(attachedMs / 1000).toFixed(1)} s, and is as it was before`, 'dim'))];
  }
  if (heaps !== null) return [];
  const passed = inspectability.evidence.filter(({ detail }) => detail === 'passed').length;
  return [
    [],
    ...wrapWords(`Not looked inside: ${shown(unknown['heaps'] ?? inspectability.reason, 400)}`, width).map((text) =>
      line(span(text, 'warn')),
    ),
    ...(passed > 0 ? [line(span(`${count(passed, 'check')} passed before that`, 'dim'))] : []),
  ];
}
