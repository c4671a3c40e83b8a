import type { Observation, ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition } from '../define-rule.ts';
import { isTellable, LEAK_OPTIONS } from '../leak-evidence.ts';
import { nextCall } from '../next-call.ts';
import { countText, sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const crossSession = defineRule({
  name: 'cross-session',
  type: 'cross-session',
  title: 'Does the same server leak wherever it runs?',
  about:
    'Copies of one server in several sessions that are called leaking at the same time. Then it is the server, not what one session does with it: a fixed version, another server or one shared copy helps, restarting a session does not. It takes the place of the alerts for the single copies.',
  scope: 'all',
  forMs: { warning: 10 * MINUTE, critical: 5 * MINUTE, emergency: 5 * MINUTE },
  keepFiringForMs: HOUR,
  timing: 'verdicts of copies that started together come within the hour',
  options: {
    sessions: { value: 3, unit: 'count', reason: 'leaking in two sessions may be two causes' },
    ...LEAK_OPTIONS,
    share: { value: 0.5, unit: 'share', reason: 'of its copies that are old enough to be judged' },
  },
  start:
    ({ sessions, share, ...evidence }) =>
    (observation, { before }) => {
      const holds: Condition[] = [];
      for (const [server, { leaking, judged, inSessions }] of servers(observation)) {
        const was = before(server);
        const least = was === null ? sessions : sessions - 1;
        // Copies that start together fill their caches together: one of them at least must be beyond that.
        if (was === null && !leaking.some(({ leak }) => leak !== null && isTellable(leak.finding, evidence))) continue;
        if (inSessions.size < least || leaking.length < judged * share) continue;
        const rate = leaking.reduce((sum, { leak }) => sum + (leak?.finding.ratePerHourBytes ?? 0), 0);
        const kinds = [...new Set(leaking.map(({ leak }) => leak?.finding.kind ?? 'unknown'))];
        holds.push({
          key: server,
          level: 'warning',
          subject: { kind: 'server', id: server, name: server },
          labels: { server, ...(kinds.length === 1 && kinds[0] !== undefined ? { kind: kinds[0] } : {}) },
          groupKey: `server:${server}`,
          title: `The same server leaks in ${countText(inSessions.size, 'session')}, together ${sizeText(rate)} an hour.`,
          detail: `${leaking.length} of ${countText(judged, 'copy', 'copies')} that are old enough to be judged leak. The server is the cause, not a session.`,
          evidence: leaking.slice(0, 12).map(({ id, leak }) => ({
            kind: 'copy',
            detail: `${id} leaks${leak?.finding.ratePerHourBytes == null ? '' : ` ${sizeText(leak.finding.ratePerHourBytes)} an hour`}`,
          })),
          value: rate,
          threshold: null,
          unit: 'bytes-per-hour',
          forecast: null,
          next: [
            ...nextCall('get_recommendations', null, 'is a fixed version known?'),
            ...nextCall('detect_leaks', null, 'all findings'),
          ],
        });
      }
      return { holds, unknown: [] };
    },
});

interface Copies {
  readonly leaking: ObservedProcess[];
  readonly inSessions: Set<string>;
  judged: number;
}

function servers({ processes }: Observation): ReadonlyMap<string, Copies> {
  const found = new Map<string, Copies>();
  for (const process of processes) {
    const { serverName, sessionId, role, leak } = process;
    if (serverName === null || sessionId === null || role !== 'server') continue;
    if (leak === null || leak.verdict === 'insufficient-data') continue;
    let copies = found.get(serverName);
    if (copies === undefined) found.set(serverName, (copies = { leaking: [], inSessions: new Set(), judged: 0 }));
    copies.judged += 1;
    if (leak.verdict !== 'leaking') continue;
    copies.leaking.push(process);
    copies.inSessions.add(sessionId);
  }
  return found;
}
