import type { LeakVerdict, Observation, ObservedProcess, ObservedSession } from '../../model/index.ts';
import { defineRule, type Condition, type Unknown } from '../define-rule.ts';
import { isTellable, LEAK_OPTIONS } from '../leak-evidence.ts';
import { sessionGroup, sessionLabels, sessionSubject } from '../labels.ts';
import { levelAbove, levelBelow, mapLevels, milder } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { countText, percentText, sizeText, timeText } from '../../wording/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const sessionLeak = defineRule({
  name: 'session-leak',
  type: 'session-growth',
  title: 'Does a session as a whole grow without end?',
  about:
    "Two ways to see it: the leak detectors over the sum of the session's tree say 'leaking', which also finds ever more processes; or several of its processes leak at once, and one alert for the session takes the place of one for each. Where a single process explains the growth, the rule `leak` names that and this one is silent.",
  scope: 'all',
  forMs: { warning: 45 * MINUTE, critical: 2 * MINUTE, emergency: 30_000 },
  keepFiringForMs: HOUR,
  timing:
    'as for the leak of a process, but longer: where one process is the cause, that is found meanwhile and told instead',
  options: {
    members: { value: 3, unit: 'count', reason: 'two may be chance; from three on the session is the subject' },
    explainedShare: { value: 0.6, unit: 'share', reason: 'of the growth comes from processes that are named already' },
    criticalMs: { value: HOUR, unit: 'ms', reason: 'the limit is reached within the hour' },
    emergencyMs: { value: 10 * MINUTE, unit: 'ms', reason: 'the limit is reached before somebody has looked' },
    ...LEAK_OPTIONS,
    exitPart: { value: 1.5, unit: 'share', reason: 'rates wander' },
    exitScore: { value: 0.1, unit: 'share', reason: 'scores move by as much between two looks' },
  },
  start: ({ members, explainedShare, criticalMs, emergencyMs, exitPart, exitScore, ...evidence }, { leakScore }) => {
    const scoreExit = mapLevels(leakScore, (each) => each - exitScore);
    const enter = { warning: Number.POSITIVE_INFINITY, critical: criticalMs, emergency: emergencyMs };
    const exit = mapLevels(enter, (each) => each * exitPart);
    return (observation, { before }) => {
      const holds: Condition[] = [];
      const unknown: Unknown[] = [];
      const leaking = bySession(observation, ['leaking']);
      // A suspect explains growth as well as a leak does, and will be told when it is one.
      const growing = bySession(observation, ['leaking', 'suspected']);
      for (const session of observation.sessions) {
        const key = session.sessionId;
        const was = before(key);
        const own = leaking.get(key) ?? [];
        const isStrong = (leak: ObservedSession['leak']): boolean =>
          was !== null || (leak !== null && isTellable(leak.finding, evidence));
        const many = own.length >= (was === null ? members : members - 1) && own.some(({ leak }) => isStrong(leak));
        const said = session.leak;
        const leaks = said?.verdict === 'leaking' || (was !== null && said?.verdict === 'suspected');
        const grows = said !== null && leaks && isStrong(said);
        if (!many && !grows) {
          if (was !== null && (said === null || said.verdict === 'insufficient-data'))
            unknown.push({ key, missing: null });
          continue;
        }
        const ownRate = (growing.get(key) ?? []).reduce(
          (sum, { leak }) => sum + (leak?.finding.ratePerHourBytes ?? 0),
          0,
        );
        // Ever more processes may go with less memory for a while: then the rate says nothing.
        const wholeRate = said?.finding.ratePerHourBytes ?? 0;
        const rate = wholeRate > 0 ? wholeRate : ownRate > 0 ? ownRate : null;
        if (!many && was === null && rate !== null && ownRate >= rate * explainedShare) continue;
        const sure = said === null || said.score === null ? null : levelAbove(said.score, leakScore, scoreExit, was);
        const forecast = said?.forecast ?? null;
        const leftMs = forecast === null ? null : forecast.atMs - observation.atMs;
        const soon = leftMs === null ? 'warning' : (levelBelow(leftMs, enter, exit, was) ?? 'warning');
        const level = many ? soon : milder(sure, soon);
        if (level === null) continue;
        const isCrowd = !many && said?.finding.kind === 'children';
        holds.push({
          key,
          level,
          subject: sessionSubject(session),
          labels: {
            ...sessionLabels(session),
            cause: many ? 'several' : 'whole',
            ...(isCrowd ? { kind: 'children' } : {}),
          },
          groupKey: sessionGroup(key),
          title: many
            ? `${countText(own.length, 'process', 'processes')} of one session leak${rate === null ? '' : `, together ${sizeText(rate)} an hour`}.`
            : `A session ${isCrowd ? 'starts ever more processes' : 'grows without end'}${rate === null ? '' : `, ${sizeText(rate)} an hour`}.`,
          detail: describe(session, leftMs, said?.score ?? null),
          evidence: own.slice(0, 12).map(({ id, leak }) => ({
            kind: 'member',
            detail: `${id} leaks${leak?.finding.ratePerHourBytes == null ? '' : ` ${sizeText(leak.finding.ratePerHourBytes)} an hour`}`,
          })),
          value: rate,
          threshold: null,
          unit: 'bytes-per-hour',
          forecast,
          next: [
            ...nextCall('memory_status', key, 'its processes'),
            ...nextCall('get_recommendations', key, 'what to do about it'),
          ],
        });
      }
      return { holds, unknown };
    };
  },
});

function describe(session: ObservedSession, leftMs: number | null, score: number | null): string {
  const holds = `Its ${countText(session.processes.length, 'process', 'processes')} hold ${sizeText(session.totalBytes ?? session.rssBytes)}`;
  const sure = score === null ? '' : `; ${percentText(score)} sure`;
  return `${holds}${sure}${leftMs === null ? '' : `; the limit is reached in ${timeText(leftMs)}`}.`;
}

function bySession(
  { processes }: Observation,
  verdicts: readonly LeakVerdict[],
): ReadonlyMap<string, readonly ObservedProcess[]> {
  const found = new Map<string, ObservedProcess[]>();
  for (const process of processes) {
    if (process.sessionId === null || process.leak === null || !verdicts.includes(process.leak.verdict)) continue;
    const members = found.get(process.sessionId);
    if (members === undefined) found.set(process.sessionId, [process]);
    else members.push(process);
  }
  return found;
}
