import type { AlertSubject, Observation, ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition } from '../define-rule.ts';
import { HOST, sessionGroup } from '../labels.ts';
import { levelAbove, type Levels, mapLevels, worst } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { countText, sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;

type Leftover = 'orphan' | 'duplicate' | 'retained' | 'zombie';
type PileKind = Leftover | 'crowd';

const WORDS: Readonly<Record<PileKind, readonly [one: string, many: string, next: string]>> = {
  orphan: ['orphaned process', 'orphaned processes', 'their client is gone'],
  duplicate: ['duplicate server', 'duplicate servers', 'second copies under one client'],
  retained: ['finished process', 'finished processes', 'finished, but still here'],
  zombie: ['zombie', 'zombies', 'their parent does not reap them'],
  crowd: ['process of one session', 'processes of one session', 'more than a session needs'],
};

export const buildUp = defineRule({
  name: 'build-up',
  type: 'build-up',
  title: 'Do left-over processes pile up?',
  about:
    'Count and size of what is judged orphan, duplicate, retained or zombie with some certainty. Orphans, retained ones and zombies are counted over the machine, duplicates in each session. A few left-overs after a session are normal and end by themselves; a pile does not. A crowd is a session with far more processes than any needs, whatever they are.',
  scope: 'all',
  forMs: { warning: 10 * MINUTE, critical: 5 * MINUTE, emergency: 5 * MINUTE },
  keepFiringForMs: 10 * MINUTE,
  timing: 'servers of a session that ended in order leave within a minute or two',
  options: {
    minConfidence: { value: 60, unit: 'percent', reason: 'an alert may rest on less evidence than an action' },
    warningCount: { value: 10, unit: 'count', reason: 'more than the servers of one session' },
    criticalCount: { value: 40, unit: 'count', reason: 'reported piles that hurt began there (37, 80, 240 processes)' },
    emergencyCount: { value: 1000, unit: 'count', reason: 'pids and descriptors run out (1,057 and 1,300 reported)' },
    warningShare: { value: 0.05, unit: 'share', reason: "of the machine's limit, held by nobody" },
    criticalShare: { value: 0.15, unit: 'share', reason: 'a whole session more would fit' },
    emergencyShare: { value: 0.4, unit: 'share', reason: 'what is left over is the problem of the machine' },
    retainedFactor: { value: 3, unit: 'count', reason: 'finished sessions may be wanted again: three times as much' },
    crowd: {
      value: 60,
      unit: 'count',
      reason: 'processes of one session, whatever they do: five times what one with a dozen servers has',
    },
    zombieCount: { value: 100, unit: 'count', reason: 'a zombie holds a pid, no memory' },
    exitPart: { value: 0.7, unit: 'share', reason: 'a pile that shrinks by a third is being cleared' },
  },
  start: (o) => {
    const counts = { warning: o.warningCount, critical: o.criticalCount, emergency: o.emergencyCount };
    const shares = { warning: o.warningShare, critical: o.criticalShare, emergency: o.emergencyShare };
    const zombies = { warning: o.zombieCount, critical: o.zombieCount * 5, emergency: Number.POSITIVE_INFINITY };
    const crowds = { warning: o.crowd, critical: o.crowd * 10, emergency: o.emergencyCount };
    const never = mapLevels(shares, () => Number.POSITIVE_INFINITY);
    const countsOf = (kind: PileKind): Levels =>
      kind === 'crowd'
        ? crowds
        : kind === 'zombie'
          ? zombies
          : kind === 'retained'
            ? mapLevels(counts, (each) => each * o.retainedFactor)
            : counts;
    // A crowd is counted: its memory is the session's, which has rules of its own.
    const sharesOf = (kind: PileKind): Levels =>
      kind === 'crowd' ? never : kind === 'retained' ? mapLevels(shares, (each) => each * o.retainedFactor) : shares;
    return (observation, { before }) => {
      const { limit } = observation;
      const holds: Condition[] = [];
      for (const [key, pile] of piles(observation, o.minConfidence)) {
        const enterCount = countsOf(pile.kind);
        const enterShare = sharesOf(pile.kind);
        const was = before(key);
        const share = pile.bytes / limit.limitBytes;
        const byCount = levelAbove(
          pile.count,
          enterCount,
          mapLevels(enterCount, (each) => each * o.exitPart),
          was,
        );
        const bySize = levelAbove(
          share,
          enterShare,
          mapLevels(enterShare, (each) => each * o.exitPart),
          was,
        );
        const level = worst([byCount, bySize]);
        if (level === null) continue;
        const [one, many, why] = WORDS[pile.kind];
        holds.push({
          key,
          level,
          subject: pile.subject,
          labels: { kind: pile.kind, ...(pile.sessionId === null ? {} : { session: pile.sessionId }) },
          groupKey: pile.sessionId === null ? `build-up:${pile.kind}` : sessionGroup(pile.sessionId),
          title: `${countText(pile.count, one, many)} hold ${sizeText(pile.bytes)}.`,
          detail:
            pile.kind === 'crowd'
              ? 'That is more than a session needs: something starts processes and does not end them.'
              : `Nobody uses them: ${why}.`,
          evidence: pile.examples.map((id) => ({ kind: pile.kind, detail: id })),
          value: pile.count,
          threshold: enterCount[level],
          unit: 'count',
          forecast: null,
          next: [
            ...(pile.kind === 'crowd'
              ? nextCall('memory_status', pile.sessionId, 'which')
              : [`list_processes(verdict="${pile.kind}"): which`]),
            ...nextCall('get_recommendations', null, 'what to end, with the evidence'),
          ],
        });
      }
      return { holds, unknown: [] };
    };
  },
});

interface Pile {
  readonly kind: PileKind;
  readonly subject: AlertSubject;
  readonly sessionId: string | null;
  count: number;
  bytes: number;
  readonly examples: string[];
}

const MAX_EXAMPLES = 8;

function piles({ processes, sessions }: Observation, minConfidence: number): ReadonlyMap<string, Pile> {
  const found = new Map<string, Pile>();
  for (const { sessionId, client, processes: own, totalBytes, rssBytes } of sessions) {
    const subject: AlertSubject = { kind: 'session', id: sessionId, name: client };
    const examples = own.slice(-MAX_EXAMPLES);
    const bytes = totalBytes ?? rssBytes;
    found.set(`crowd ${sessionId}`, { kind: 'crowd', subject, sessionId, count: own.length, bytes, examples });
  }
  for (const { lifecycle, lifecycleConfidence, sessionId, client, footprintBytes, id } of processes) {
    const kind = leftover(lifecycle);
    if (kind === null || lifecycleConfidence < minConfidence) continue;
    const inSession = kind === 'duplicate' ? sessionId : null;
    const key = inSession === null ? kind : `${kind} ${inSession}`;
    let pile = found.get(key);
    if (pile === undefined) {
      const subject: AlertSubject =
        inSession === null ? HOST : { kind: 'session', id: inSession, name: client ?? inSession };
      found.set(key, (pile = { kind, subject, sessionId: inSession, count: 0, bytes: 0, examples: [] }));
    }
    pile.count += 1;
    pile.bytes += footprintBytes;
    if (pile.examples.length < MAX_EXAMPLES) pile.examples.push(id);
  }
  return found;
}

function leftover(lifecycle: ObservedProcess['lifecycle']): Leftover | null {
  return lifecycle === 'orphan' || lifecycle === 'duplicate' || lifecycle === 'retained' || lifecycle === 'zombie'
    ? lifecycle
    : null;
}
