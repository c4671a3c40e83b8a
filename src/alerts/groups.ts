import type { Alert, AlertLevel, Notification, Observation } from '../model/index.ts';
import { fingerprint } from './fingerprint.ts';
import { isWorse, type Levels, rank, worst } from './levels.ts';
import { isHolding, type Life } from './life.ts';
import { type Causes, heard, isNewStory, type Told, withCauses } from './stories.ts';
import { countText } from '../wording/index.ts';

/** When people are told. */
export interface Timing {
  /** How long the first notification of a group waits for others, so that what begins together is told together. */
  readonly groupWaitMs: Levels;
  /** How long an alert that joins a group which was told already waits, unless it is worse than what was told. */
  readonly groupIntervalMs: Levels;
  /** Quiet time after a notification of the same cause; a worse level breaks it. */
  readonly cooldownMs: Levels;
  /** What fires on, and nobody has acknowledged, is told again. */
  readonly repeatMs: Levels;
}

/** What people know of one group. Plain data. */
export interface Group {
  readonly toldAtMs: number | null;
  readonly toldLevel: AlertLevel | null;
  /** Since when something waits to be told. */
  readonly waitsSinceMs: number | null;
  /** Causes of which people were told, with the worst level and when last. */
  readonly causes: Causes;
}

export interface Plan {
  readonly notifications: readonly Notification[];
  readonly lives: readonly Life[];
  readonly groups: ReadonlyMap<string, Group>;
}

const NEW_GROUP: Group = { toldAtMs: null, toldLevel: null, waitsSinceMs: null, causes: {} };
/** A group is remembered so long after its last notification, for the cooldown and for who joins late. */
const KEEP_GROUP_MS = 24 * 3_600_000;
/** A notification names no more alerts than a person reads. */
const MAX_NAMED = 20;

/** Who is to be told what, now. Pure: says what to send and how lives and groups are after that. */
export function plan(
  lives: readonly Life[],
  groups: ReadonlyMap<string, Group>,
  timing: Timing,
  processes: Observation['processes'],
  nowMs: number,
): Plan {
  const notifications: Notification[] = [];
  const changed: Life[] = [];
  const after = new Map<string, Group>();
  const members = byGroup(lives);
  for (const [key, group] of groups) {
    if (!members.has(key) && nowMs - (group.toldAtMs ?? nowMs) < KEEP_GROUP_MS) after.set(key, group);
  }
  for (const [key, own] of members) {
    const known = own.map((life) => heard(life, own));
    changed.push(...known.filter((life, index) => life !== own[index]));
    const told = tellGroup(key, known, groups.get(key) ?? NEW_GROUP, timing, processes, nowMs);
    notifications.push(...told.notifications);
    changed.push(...told.lives);
    after.set(key, told.group);
  }
  return { notifications, lives: changed, groups: after };
}

function byGroup(lives: readonly Life[]): ReadonlyMap<string, Life[]> {
  const found = new Map<string, Life[]>();
  for (const life of lives) {
    const { state, groupKey } = life.alert;
    if (state === 'pending' || (state === 'resolved' && life.toldLevel === null)) continue;
    const own = found.get(groupKey);
    if (own === undefined) found.set(groupKey, [life]);
    else own.push(life);
  }
  return found;
}

interface Outcome {
  readonly notifications: readonly Notification[];
  readonly lives: readonly Life[];
  readonly group: Group;
}

function tellGroup(
  key: string,
  own: readonly Life[],
  group: Group,
  timing: Timing,
  processes: Observation['processes'],
  nowMs: number,
): Outcome {
  const firing = own.filter(({ alert }) => alert.state === 'firing');
  const audible = firing.filter(isAudible);
  const told: Told = { causes: group.causes, repeatMs: timing.repeatMs, processes };
  const news = audible.filter((life) => isNews(life, told, nowMs));
  if (news.length === 0) {
    const quiet = { ...group, waitsSinceMs: null };
    const repeats = audible.filter((life) => isToldAndOld(life, timing.repeatMs, nowMs));
    if (repeats.length > 0) return send(key, 'repeat', repeats, audible, quiet, nowMs);
    return firing.some(({ toldLevel }) => toldLevel !== null)
      ? { notifications: [], lives: [], group: quiet }
      : resolved(key, own, quiet, nowMs);
  }
  const waiting = { ...group, waitsSinceMs: group.waitsSinceMs ?? nowMs };
  if (!isDue(news, waiting, timing, nowMs)) return { notifications: [], lives: [], group: waiting };
  const kind = news.every(({ alert }) => alert.flapping)
    ? 'flapping'
    : isEscalation(news, group)
      ? 'escalated'
      : 'firing';
  return send(key, kind, news, audible, waiting, nowMs);
}

/** Not silenced, inhibited or acknowledged, and there now: what only goes on firing calls nobody. */
function isAudible(life: Life): boolean {
  const { silencedBy, inhibitedBy, acknowledged } = life.alert;
  return silencedBy === null && inhibitedBy === null && acknowledged === null && isHolding(life);
}

function isNews(life: Life, told: Told, nowMs: number): boolean {
  const { alert, toldLevel, toldFlapping } = life;
  if (alert.flapping) return !toldFlapping;
  return isWorse(alert.level, toldLevel) && isNewStory(alert, told, nowMs);
}

function isToldAndOld({ alert, toldLevel }: Life, repeatMs: Levels, nowMs: number): boolean {
  if (toldLevel === null || alert.flapping || alert.notifiedAtMs === null) return false;
  return nowMs - alert.notifiedAtMs >= repeatMs[alert.level];
}

/** Worse than what people know of this group: who was called for a critical alert has heard of another as critical. */
function isEscalation(news: readonly Life[], { toldLevel }: Group): boolean {
  return toldLevel !== null && news.some(({ alert }) => isWorse(alert.level, toldLevel));
}

function isDue(news: readonly Life[], group: Group, timing: Timing, nowMs: number): boolean {
  const level = worst(news.map(({ alert }) => alert.level)) ?? 'warning';
  const waitedMs = nowMs - (group.waitsSinceMs ?? nowMs);
  if (waitedMs < timing.groupWaitMs[level]) return false;
  if (group.toldAtMs === null || isEscalation(news, group)) return true;
  const sinceMs = nowMs - group.toldAtMs;
  return sinceMs >= Math.max(timing.cooldownMs[level], timing.groupIntervalMs[level]);
}

function send(
  key: string,
  kind: Notification['kind'],
  news: readonly Life[],
  audible: readonly Life[],
  group: Group,
  nowMs: number,
): Outcome {
  const lives = audible.map((life): Life => {
    const isNew = news.includes(life);
    return {
      ...life,
      toldLevel: isWorse(life.alert.level, life.toldLevel) ? life.alert.level : life.toldLevel,
      toldFlapping: life.alert.flapping,
      alert: isNew ? { ...life.alert, notifications: life.alert.notifications + 1, notifiedAtMs: nowMs } : life.alert,
    };
  });
  const level = worst(audible.map(({ alert }) => alert.level)) ?? 'warning';
  // New ones first: they are why this is sent.
  const alerts = lives
    .toSorted(
      (a, b) => Number(isNewIn(news, b)) - Number(isNewIn(news, a)) || rank(b.alert.level) - rank(a.alert.level),
    )
    .map(({ alert }) => alert);
  return {
    notifications: [notification(key, kind, level, alerts, nowMs)],
    lives,
    group: {
      toldAtMs: nowMs,
      toldLevel: isWorse(level, group.toldLevel) ? level : group.toldLevel,
      waitsSinceMs: null,
      causes: withCauses(
        group.causes,
        audible.map(({ alert }) => alert),
        nowMs,
      ),
    },
  };
}

const isNewIn = (news: readonly Life[], { alert }: Life): boolean =>
  news.some((each) => each.alert.fingerprint === alert.fingerprint);

/** All that people were told of in this group is over. */
function resolved(key: string, own: readonly Life[], group: Group, nowMs: number): Outcome {
  const over = own.filter(({ alert, toldLevel }) => alert.state === 'resolved' && toldLevel !== null);
  if (over.length === 0) return { notifications: [], lives: [], group };
  const lives = over.map((life): Life => ({ ...life, toldLevel: null, toldFlapping: false }));
  const alerts = over.map(({ alert }) => alert);
  const level = worst(over.map(({ toldLevel }) => toldLevel)) ?? 'warning';
  return {
    notifications: [notification(key, 'resolved', level, alerts, nowMs)],
    lives,
    group: { ...group, toldLevel: null },
  };
}

const KIND_WORDS: Readonly<Record<Notification['kind'], string>> = {
  firing: '',
  escalated: 'Worse: ',
  repeat: 'Still: ',
  resolved: 'Over: ',
  flapping: 'On and off: ',
};

function notification(
  groupKey: string,
  kind: Notification['kind'],
  level: AlertLevel,
  alerts: readonly Alert[],
  atMs: number,
): Notification {
  const named = alerts.slice(0, MAX_NAMED);
  const others = alerts.length - 1;
  const rest = alerts.length - named.length;
  return {
    id: fingerprint(groupKey, kind, String(atMs), ...alerts.map(({ fingerprint: id }) => id)),
    atMs,
    kind,
    level,
    groupKey,
    alerts: named,
    title: `${KIND_WORDS[kind]}${alerts[0]?.title ?? ''}${others > 0 ? ` (and ${others} more)` : ''}`,
    text: [
      ...named.map(({ level: each, title, detail }) => `${each}: ${title} ${detail}`),
      ...(rest > 0 ? [`and ${countText(rest, 'alert')} more`] : []),
    ].join('\n'),
  };
}
