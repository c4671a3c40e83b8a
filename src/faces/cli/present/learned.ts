import type { LearnedEffect, LearnedReport, LearnedThreshold } from '../../../model/index.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { bytes, count, duration, percent } from './units.ts';

interface Options {
  readonly width: number;
}

/** What was learned, one block a case, with what it rests on. */
export function learnedLines(report: LearnedReport, { width }: Options): Line[] {
  const { lastHour, limit, enabled } = report.automations;
  const automation = enabled
    ? `Automatic actions: ${lastHour} of at most ${limit} in the last hour.`
    : 'Automatic actions are off.';
  return [
    line(span(shown(report.summary, 400), 'strong')),
    line(span(automation, 'dim')),
    ...report.effects.flatMap((effect) => [[], ...effectLines(effect, report.atMs, width)]),
    ...(report.thresholds.length === 0 ? [] : [[], line(span('Usual levels', 'strong'))]),
    ...report.thresholds.map(thresholdLine),
  ];
}

function effectLines(effect: LearnedEffect, atMs: number, width: number): Line[] {
  const { meanBytes, lowBytes, highBytes, nextLowBytes, nextHighBytes, helps, harms, lastAtMs } = effect;
  const age = lastAtMs === null ? '' : `, the last ${duration(atMs - lastAtMs)} ago`;
  const facts = [
    meanBytes === null
      ? 'Saves: not measured.'
      : `Saves ${bytes(meanBytes)} on average (between ${bytes(lowBytes)} and ${bytes(highBytes)}); the next one between ${bytes(nextLowBytes)} and ${bytes(nextHighBytes)}.`,
    `Helps with ${percent(helps * 100)}, damages its target with ${percent(harms * 100)}; ${count(effect.outcomes, 'outcome')}${age}.`,
    effect.reason,
  ];
  return [
    line(span(effect.action, 'accent'), '  ', effect.finding, '  ', shown(effect.role)),
    ...facts.flatMap((text) => wrapWords(shown(text, 400), width - 4).map((part) => line(`    ${part}`))),
  ];
}

function thresholdLine({ role, metric, value, samples, reason }: LearnedThreshold): Line {
  const figure = metric.endsWith('Bytes') ? bytes(value) : percent(value);
  return line(
    '    ',
    shown(role),
    `  ${metric} up to ${figure}  `,
    span(`${count(samples, 'look')}; ${reason}`, 'dim'),
  );
}
