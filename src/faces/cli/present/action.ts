import type { ActionPlan, AuditPage, Outcome, PlannedTarget, Refusal } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import { bytes, count } from './units.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

/** What would happen and why; what was left alone and why; `how` makes it happen. */
export function planLines(plan: ActionPlan, options: Options, how: string | null): Line[] {
  const open = plan.targets.filter(({ refusal }) => refusal === null);
  const kept = plan.targets.filter(({ refusal }) => refusal !== null);
  const steps = open[0]?.steps ?? [];
  const next = how === null || open.length === 0 ? [] : [[], line(span(how, 'accent'))];
  return [
    ...indented(plan.summary, options, 0, 'strong'),
    ...(plan.refusal === null ? [] : indented(plan.refusal.hint, options, 2)),
    ...(steps.length === 0 ? [] : [[], line(span('For each, in this order:', 'dim'))]),
    ...steps.map((step, index) => line(`  ${index + 1}. ${step}`)),
    ...open.flatMap((target) => [[], ...targetLines(target, options)]),
    ...(kept.length === 0 ? [] : [[], line(span(`Left alone: ${count(kept.length, 'process', 'processes')}`, 'dim'))]),
    ...kept.flatMap((target) => keptLines(target, options)),
    ...next,
    ...(how === null ? [[]] : []),
  ];
}

function targetLines(
  { process, name, role, verdict, footprintBytes, sessionId, evidence }: PlannedTarget,
  options: Options,
): Line[] {
  const session = sessionId === null ? '' : `  session ${shown(sessionId, 40)}`;
  return [
    line(
      span(shown(name, 60), 'accent'),
      span(`  ${process.id}`, 'dim'),
      `  ${verdict} ${role}  ${bytes(footprintBytes)}`,
      span(session, 'dim'),
    ),
    ...evidence.flatMap(({ detail }) => indented(detail, options, 4)),
  ];
}

function keptLines({ process, name, refusal }: PlannedTarget, options: Options): Line[] {
  return [
    line(`  ${shown(name, 60)}`, span(`  ${process.id}`, 'dim')),
    ...(refusal === null ? [] : refusalLines(refusal, options, 4)),
  ];
}

const refusalLines = ({ reason, hint }: Refusal, options: Options, indent: number): Line[] =>
  indented(`${reason} ${hint}`, options, indent);

function indented(text: string, { width }: Options, indent: number, tone: Tone = 'plain'): Line[] {
  return wrapWords(shown(text, 600), Math.max(20, width - indent)).map((part) =>
    line(' '.repeat(indent), span(part, tone)),
  );
}

const RESULT_TONE: Readonly<Record<Outcome['result'], Tone>> = {
  helped: 'good',
  'no-effect': 'plain',
  harmful: 'bad',
  unclear: 'plain',
  failed: 'bad',
  refused: 'warn',
};

export function outcomeLines({ summary, targets, result, undo, error, id }: Outcome, options: Options): Line[] {
  const left = targets.filter(({ done }) => !done);
  return [
    ...indented(summary, options, 0, RESULT_TONE[result]),
    ...targets
      .filter(({ done }) => done)
      .map(({ process, detail }) => line(span(`  ${process.id}  `, 'dim'), shown(detail, 200))),
    ...left.flatMap(({ process, refusal, detail }) => [
      line(span(`  ${process.id}`, 'dim'), '  not done'),
      ...(refusal === null ? indented(detail, options, 4) : refusalLines(refusal, options, 4)),
    ]),
    ...(error === null ? [] : indented(`${error.message} ${error.hint}`, options, 2, 'bad')),
    ...(undo.possible ? [line(span(`Undo: rampart undo ${id.slice(0, 8)}`, 'dim'))] : []),
  ];
}

const COLUMNS: readonly Column[] = [
  { title: 'time', align: 'left' },
  { title: 'id', align: 'left', keep: 2 },
  { title: 'who', align: 'left', keep: 1 },
  { title: 'action', align: 'left', keep: 4 },
  { title: 'event', align: 'left', keep: 5 },
  { title: 'process', align: 'left', keep: 3 },
  { title: 'detail', align: 'left', flexible: true },
];

export function auditLines({ entries, more, torn }: AuditPage, { width, glyphs }: Options): Line[] {
  if (entries.length === 0) return [line('Nothing was done or asked for yet.')];
  const rows = entries.map((entry) =>
    [
      new Date(entry.atMs).toISOString().replace('T', ' ').slice(0, 19),
      entry.id.slice(0, 8),
      entry.origin,
      entry.action,
      entry.event,
      entry.process ?? '',
      shown(entry.detail, 200),
    ].map((text) => line(text)),
  );
  return [
    ...table(COLUMNS, rows, width, glyphs),
    ...(more === 0 ? [] : [line(span(`${count(more, 'older line')}: --limit shows them`, 'dim'))]),
    ...(torn === 0 ? [] : [line(span(`${count(torn, 'line')} could not be read`, 'warn'))]),
  ];
}
