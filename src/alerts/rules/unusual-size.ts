import type { ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition } from '../define-rule.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { nextCall, sizeText } from '../words.ts';

const MINUTE = 60_000;

export const unusualSize = defineRule({
  name: 'unusual-size',
  type: 'unusual-size',
  title: 'Does a process use far more than its kind usually does?',
  about:
    "Memory (PSS + swap) against the level that was learned for what runs: the 99th percentile of earlier looks and a quarter more, between a floor and a ceiling (see docs/advice.md). A jump to a size that stays is no growth, so no leak detector sees it. Only a warning: large is no harm by itself. Off with `learningMode.adaptiveThresholds`, and silent where an alert about the same process's growth or heap fires.",
  scope: 'all',
  forMs: { warning: 30 * MINUTE, critical: 30 * MINUTE, emergency: 30 * MINUTE },
  keepFiringForMs: 30 * MINUTE,
  timing: 'a build, an index or a large answer takes minutes and is given back',
  options: {
    minSamples: {
      value: 1440,
      unit: 'count',
      reason: 'looks, one a minute: a day of one process, with its nights and its busy hours',
    },
    exitPart: { value: 0.9, unit: 'share', reason: 'garbage collection moves a heap by as much' },
  },
  start:
    ({ minSamples, exitPart }) =>
    ({ processes }, { before }) => {
      const holds: Condition[] = [];
      for (const process of processes) {
        const { id, usualFootprint: usual, footprintBytes } = process;
        const fires = before(id) !== null;
        // What is usual was forgotten on request, or never known: there is nothing to compare with, and the alert ends.
        if (usual === null || usual.samples < minSamples) continue;
        if (footprintBytes >= usual.value * (fires ? exitPart : 1)) holds.push(condition(process, usual));
      }
      return { holds, unknown: [] };
    },
});

function condition(process: ObservedProcess, usual: NonNullable<ObservedProcess['usualFootprint']>): Condition {
  const { id, footprintBytes } = process;
  return {
    key: id,
    level: 'warning',
    subject: processSubject(process),
    labels: processLabels(process),
    groupKey: processGroup(process),
    title: `A process holds ${sizeText(footprintBytes)}, far more than its kind usually does.`,
    detail: `Unusual begins at ${sizeText(usual.value)}: ${usual.reason} (${usual.samples} looks).`,
    evidence: [
      {
        kind: 'usual',
        detail: `${sizeText(usual.value)}, never below ${sizeText(usual.floor)} or above ${sizeText(usual.ceiling)}`,
      },
    ],
    value: footprintBytes,
    threshold: usual.value,
    unit: 'bytes',
    forecast: null,
    next: [
      ...nextCall('inspect_process', id, 'where its memory is'),
      ...nextCall('detect_leaks', id, 'whether it still grows'),
    ],
  };
}
