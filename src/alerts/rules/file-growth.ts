import type { AlertLevel, ObservedFile } from '../../model/index.ts';
import { defineRule, type Condition } from '../define-rule.ts';
import { known, sessionGroup } from '../labels.ts';
import { levelAbove, mapLevels, worst, type Levels } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;
const HOUR = 60 * MINUTE;

export const fileGrowth = defineRule({
  name: 'file-growth',
  type: 'file-growth',
  title: 'Is a transcript or a database so large that reading it is a memory risk?',
  about:
    'Size of the transcripts of live sessions (Claude Code; Codex once a command of it told its thread; Gemini CLI tells nobody its session) and of the databases of their projects, and how soon they reach it at the rate of the last hour. A transcript is read whole when its session is resumed, as text and again as objects: a 4.6 GB history crashed a start-up, one of 37.8 GB was reported.',
  scope: 'all',
  forMs: { warning: 2 * MINUTE, critical: MINUTE, emergency: MINUTE },
  keepFiringForMs: 10 * MINUTE,
  timing: 'files grow steadily or are cut; two looks at them are enough',
  options: {
    warning: { value: 256 * MIB, unit: 'bytes', reason: 'as text and again as objects it takes several times as much' },
    critical: {
      value: 1024 * MIB,
      unit: 'bytes',
      reason: "beyond V8's longest string (512 MiB) and the heap of most programs",
    },
    databaseFactor: { value: 4, unit: 'count', reason: 'a database is read by pages, not whole' },
    soonMs: { value: 2 * HOUR, unit: 'ms', reason: 'a file that gets there within two hours is told as a warning now' },
    soonShare: {
      value: 0.1,
      unit: 'share',
      reason: 'of the critical size it must have already: young files grow fast',
    },
    exitPart: { value: 0.8, unit: 'share', reason: 'a compacted file is far below that' },
  },
  start: (o) => {
    // A file that is too large harms whoever opens it, not the machine: no emergency.
    const sizes = { warning: o.warning, critical: o.critical, emergency: Number.POSITIVE_INFINITY };
    return ({ files }, { before }) => {
      const holds: Condition[] = [];
      for (const file of files) {
        const enter = file.kind === 'transcript' ? sizes : mapLevels(sizes, (each) => each * o.databaseFactor);
        const exit = mapLevels(enter, (each) => each * o.exitPart);
        const bySize = levelAbove(file.bytes, enter, exit, before(file.path));
        const isSoon = soon(file, enter.critical, o.soonMs, o.soonShare);
        const level = worst([bySize, isSoon ? 'warning' : null]);
        if (level !== null) holds.push(condition(file, level, enter));
      }
      return { holds, unknown: [] };
    };
  },
});

function soon({ bytes, ratePerHourBytes }: ObservedFile, target: number, withinMs: number, share: number): boolean {
  if (ratePerHourBytes === null || ratePerHourBytes <= 0 || bytes < target * share) return false;
  return ((target - bytes) / ratePerHourBytes) * HOUR <= withinMs;
}

function condition(file: ObservedFile, level: AlertLevel, enter: Levels): Condition {
  const rate = file.ratePerHourBytes;
  return {
    key: file.path,
    level,
    subject: { kind: 'file', id: file.path, name: file.path },
    labels: known({ kind: file.kind, path: file.path, session: file.sessionId }),
    groupKey: file.sessionId === null ? `file:${file.path}` : sessionGroup(file.sessionId),
    title: `A ${file.kind} has ${sizeText(file.bytes)}${rate === null || rate < MIB ? '' : `, ${sizeText(rate)} more an hour`}.`,
    detail:
      file.kind === 'transcript'
        ? 'Whoever resumes this session reads it whole, and needs several times its size.'
        : 'Whoever opens it may need that much page cache, and more where it is read whole.',
    evidence: [{ kind: 'file-size', detail: sizeText(file.bytes) }],
    value: file.bytes,
    threshold: enter[level],
    unit: 'bytes',
    forecast: null,
    next: nextCall('get_recommendations', file.sessionId, 'how to make it smaller'),
  };
}
