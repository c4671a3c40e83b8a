import type { AlertLevel, LeakKind, ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition, type Unknown } from '../define-rule.ts';
import { gainedBytes, isTellable, LEAK_OPTIONS, worstOf } from '../leak-evidence.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { levelAbove, levelBelow, mapLevels, milder, worst } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { percentText, sizeText, timeText } from '../../wording/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What grows, in words. */
const KIND_WORDS: Readonly<Record<LeakKind, string>> = {
  'v8-heap': 'V8 heap',
  external: 'Buffers outside the V8 heap',
  native: 'native memory',
  threads: 'threads',
  descriptors: 'open files',
  children: 'child processes',
  'swap-hidden': 'memory in swap',
  'file-growth': 'files',
  unknown: 'kind not known',
};

export const leak = defineRule({
  name: 'leak',
  type: 'leak',
  title: 'Does a process leak, of what kind, and how soon does it matter?',
  about:
    "The calibrated verdict 'leaking' of the detectors, after the fleet's control of false alarms; a suspicion is no alert. A leak that harms nobody within the hour must be stronger evidence than the verdict asks for (`logOdds`), or have gained much: the verdict is calibrated where half of all processes leak, and here one of fifty does. The level needs both: a score (of its own curve, calibrated for even odds) above the configured `leakScore` of that level, and harm that is near enough. The original alerts by the score alone, so that 1 MiB an hour is an emergency; and its score is 1 where there is no GC data.",
  scope: 'all',
  forMs: { warning: 10 * MINUTE, critical: 2 * MINUTE, emergency: 30_000 },
  keepFiringForMs: HOUR,
  timing: 'verdicts change over minutes and rest on hours; a leak that pauses for a while is still one',
  options: {
    criticalMs: { value: HOUR, unit: 'ms', reason: 'the limit is reached within the hour' },
    emergencyMs: { value: 10 * MINUTE, unit: 'ms', reason: 'the limit is reached before somebody has looked' },
    criticalShare: { value: 0.1, unit: 'share', reason: "a tenth of the machine's limit has leaked into one process" },
    ...LEAK_OPTIONS,
    exitPart: { value: 1.5, unit: 'share', reason: 'rates wander' },
    exitScore: { value: 0.1, unit: 'share', reason: 'scores move by as much between two looks' },
  },
  start: ({ criticalMs, emergencyMs, criticalShare, exitPart, exitScore, ...evidence }, { leakScore }) => {
    const scoreExit = mapLevels(leakScore, (each) => each - exitScore);
    const enter = { warning: Number.POSITIVE_INFINITY, critical: criticalMs, emergency: emergencyMs };
    const exit = mapLevels(enter, (each) => each * exitPart);

    const levelOf = (
      process: ObservedProcess,
      atMs: number,
      hostBytes: number,
      before: AlertLevel | null,
    ): AlertLevel | null => {
      const { leak: said } = process;
      if (said === null) return null;
      // The detectors have a hysteresis of their own: 'suspected' after 'leaking' is an alarm that goes on.
      if (said.verdict !== 'leaking' && (before === null || said.verdict !== 'suspected')) return null;
      // By its own curve: how rare leaks are is weighed by `logOdds`, and the calibrated score ends at .976, so that under a
      // prior of .05 and less no score could ever reach a threshold.
      const { score } = said.finding;
      const sure = score === null ? null : levelAbove(score, leakScore, scoreExit, before);
      const leftMs = said.forecast === null ? null : said.forecast.atMs - atMs;
      const soon = leftMs === null ? 'warning' : (levelBelow(leftMs, enter, exit, before) ?? 'warning');
      const large = gainedBytes(said.finding) >= hostBytes * criticalShare ? 'critical' : 'warning';
      const harm = worst([soon, large]);
      const isTold = before !== null || isTellable(said.finding, evidence);
      return harm === 'warning' && !isTold ? null : milder(milder(sure, harm), worstOf(process));
    };

    return ({ atMs, limit, processes }, { before }) => {
      const holds: Condition[] = [];
      const unknown: Unknown[] = [];
      for (const process of processes) {
        const { leak: said, id } = process;
        const was = before(id);
        if (said === null || said.verdict === 'insufficient-data') {
          if (was !== null) unknown.push({ key: id, missing: null });
          continue;
        }
        const level = levelOf(process, atMs, limit.limitBytes, was);
        if (level === null) continue;
        const kind = said.finding.kind ?? 'unknown';
        const rate = said.finding.ratePerHourBytes;
        const interval = said.finding.rateInterval;
        const leftMs = said.forecast === null ? null : said.forecast.atMs - atMs;
        holds.push({
          key: id,
          level,
          subject: processSubject(process),
          labels: { ...processLabels(process), kind },
          groupKey: processGroup(process),
          title: `A process leaks${rate === null ? '' : ` ${sizeText(rate)} an hour`} (${KIND_WORDS[kind]}).`,
          detail: [
            `It holds ${sizeText(process.footprintBytes)}`,
            said.finding.score === null ? '' : `; ${percentText(said.finding.score)} sure by its own curve`,
            interval === null
              ? ''
              : `; between ${sizeText(Math.max(0, interval.lowBytesPerHour))} and ${sizeText(interval.highBytesPerHour)} an hour`,
            leftMs === null ? '' : `; its limit is reached in ${timeText(leftMs)}`,
            '.',
          ].join(''),
          evidence: said.finding.detectors
            .filter(({ detected }) => detected)
            .map(({ name, reason }) => ({ kind: name, detail: reason })),
          value: rate,
          threshold: null,
          unit: 'bytes-per-hour',
          forecast: said.forecast,
          next: [
            ...nextCall('detect_leaks', id, 'rate, kind and evidence'),
            ...nextCall('get_recommendations', id, 'what to do about it'),
          ],
        });
      }
      return { holds, unknown };
    };
  },
});
