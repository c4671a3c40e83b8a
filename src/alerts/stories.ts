import type { Alert, AlertLevel, Observation } from '../model/index.ts';
import { isWorse, type Levels } from './levels.ts';
import type { Life } from './life.ts';

/** What people were told of in one group: name of a cause to the worst level, and when it was last in a message. */
export type Causes = Readonly<Record<string, { readonly level: AlertLevel; readonly atMs: number }>>;

/** What is known of a group when it is asked who is to be told. */
export interface Told {
  readonly causes: Causes;
  readonly repeatMs: Levels;
  /** Those that are there now. */
  readonly processes: Observation['processes'];
}

const WHOLE_SESSION = 'session';
/** A cause is remembered so long: as long as the longest `repeatMs` by default. */
const KEEP_CAUSE_MS = 24 * 3_600_000;

/** Rules about the same thing: how full the machine is, and will be. */
const FILLING: ReadonlySet<string> = new Set(['host-memory', 'host-exhaustion']);

const isCrowd = ({ rule, labels }: Alert): boolean => rule === 'build-up' && labels['kind'] === 'crowd';
const isWholeSession = ({ rule, labels }: Alert): boolean => rule === 'session-leak' && labels['cause'] === 'whole';

/** Who has heard of `by` has heard of the other: that a machine which runs full is full, or that a crowd grows. */
const saysAll = (by: Alert, alert: Alert): boolean =>
  (FILLING.has(by.rule) && FILLING.has(alert.rule)) ||
  (isCrowd(by) && isWholeSession(alert)) ||
  (isWholeSession(by) && by.labels['kind'] === 'children' && isCrowd(alert));

/**
 * Told already where another one of its group, which fires too, said all of it. It stays told when that one ends: nothing
 * is over before both are.
 */
export function heard(life: Life, group: readonly Life[]): Life {
  const { alert, toldLevel } = life;
  if (alert.state !== 'firing' || !isWorse(alert.level, toldLevel)) return life;
  const by = group.find(
    (each) => each.alert.state === 'firing' && saysAll(each.alert, alert) && !isWorse(alert.level, each.toldLevel),
  );
  if (by === undefined) return life;
  return { ...life, toldLevel: alert.level, alert: { ...alert, notifiedAtMs: by.alert.notifiedAtMs } };
}

/** Whether an alert is news beside what was told of the same cause: it is within `repeatMs` only when it is worse. */
export function isNewStory(alert: Alert, { causes, repeatMs, processes }: Told, nowMs: number): boolean {
  const cause = causeOf(alert);
  // Names are chosen by others: '__proto__' is one.
  const before = cause !== null && Object.hasOwn(causes, cause) ? causes[cause] : undefined;
  if (before === undefined || isWorse(alert.level, before.level) || nowMs - before.atMs >= repeatMs[alert.level])
    return true;
  if (alert.subject.kind !== 'process') return false;
  const startedAtMs = processes.find(({ id }) => id === alert.subject.id)?.startedAtMs ?? null;
  return !isSuccessor(startedAtMs, before.atMs);
}

/**
 * A program that leaks, dies at its limit and is started anew is another process each time, and the same story. What ran
 * beside it when people were told is another one, although it has the same name: all scripts of one interpreter have.
 */
const isSuccessor = (startedAtMs: number | null, toldAtMs: number): boolean =>
  startedAtMs !== null && startedAtMs >= toldAtMs;

/** The cause that an alert names; null: none that could come back under another name. */
function causeOf(alert: Alert): string | null {
  if (isWholeSession(alert)) return WHOLE_SESSION;
  const { subject, labels } = alert;
  return subject.kind === 'process' && labels['experience'] !== undefined ? `program ${labels['experience']}` : null;
}

/** What people know once they were told of this: why a session grows, they need not be told that it does. */
function toldBy(alert: Alert): readonly string[] {
  const own = causeOf(alert);
  return [...(own === null ? [] : [own]), ...(alert.type === 'leak' ? [WHOLE_SESSION] : [])];
}

/** What people know after a message about these. */
export function withCauses(before: Causes, told: readonly Alert[], nowMs: number): Causes {
  const levels = new Map(Object.entries(before).filter(([, { atMs }]) => nowMs - atMs < KEEP_CAUSE_MS));
  for (const alert of told) {
    for (const cause of toldBy(alert)) {
      const known = levels.get(cause);
      const isMilder = known !== undefined && isWorse(known.level, alert.level);
      levels.set(cause, { level: isMilder ? known.level : alert.level, atMs: nowMs });
    }
  }
  return Object.fromEntries(levels);
}
