import type {
  AdviceReport,
  ExpectedEffect,
  Priority,
  Recommendation,
  RecommendedAction,
} from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { bytes, count } from './units.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

const TONE: Readonly<Record<Priority, Tone>> = { critical: 'bad', high: 'warn', medium: 'accent', low: 'dim' };

/** The answer first, then each recommendation with what can be done. */
export function adviceLines(report: AdviceReport, options: Options): Line[] {
  const more = report.more === 0 ? [] : [[], line(span(`${count(report.more, 'more')}: --limit shows them`, 'dim'))];
  return [
    ...wrapWords(shown(report.summary, 400), options.width).map((text) => line(span(text, 'strong'))),
    ...report.recommendations.flatMap((one) => [[], ...recommendation(one, options)]),
    ...more,
  ];
}

function recommendation(one: Recommendation, { width, glyphs }: Options): Line[] {
  const { subject } = one;
  const marks = { critical: glyphs.critical, high: glyphs.warning, medium: glyphs.info, low: glyphs.info };
  const whose = subject.kind === 'host' ? [] : [shown(subject.name), subject.kind === 'process' ? subject.id : ''];
  const about = [whose.filter((text) => text !== '').join('  '), one.reason, saving(one.estimatedMemorySavings)];
  return [
    line(
      span(`${marks[one.priority]} ${one.priority.toUpperCase()}`, TONE[one.priority]),
      one.urgency === 'sometime' ? '' : span(`  ${one.urgency}`, TONE[one.priority]),
      '  ',
      span(shown(one.title, 400)),
    ),
    ...about
      .filter((text) => text !== '')
      .flatMap((text) => wrapWords(shown(text, 600), width - 4).map((part) => line('    ', span(part, 'dim')))),
    ...one.actions.flatMap((action) => actionLines(action, width)),
  ];
}

function saving({ bytes: expected, lowBytes, highBytes, basedOn, reason }: ExpectedEffect): string {
  if (expected === null) return `Saves: not known (${reason}).`;
  const from = basedOn > 0 ? `${count(basedOn, 'outcome')}: ${reason}` : reason;
  return `Saves ${bytes(expected)}, between ${bytes(lowBytes)} and ${bytes(highBytes)} (${from}).`;
}

function actionLines(action: RecommendedAction, width: number): Line[] {
  const head = `${action.description} (${action.implementationTime}, risk ${action.risk})`;
  const [first = '', ...rest] = wrapWords(shown(head, 600), width - 6);
  const { configuration } = action;
  const command = action.command === null ? [] : [line('        ', span(shown(action.command, 300), 'strong'))];
  const entry =
    configuration === null ? [] : [line('        ', span(shown(JSON.stringify(configuration), 600), 'strong'))];
  return [line(`    - ${first}`), ...rest.map((text) => line(`      ${text}`)), ...command, ...entry];
}
