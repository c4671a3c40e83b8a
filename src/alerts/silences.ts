import { type Alert, type Matcher, RampartError, type Silence, type SilenceOrder } from '../model/index.ts';
import { fingerprint } from './fingerprint.ts';

/** Makes a test of a whole value from a regular expression; throws a `RampartError` where it is none. Must be linear in time. */
export type CompileRegex = (pattern: string) => (value: string) => boolean;

export interface Silences {
  list(): readonly Silence[];
  add(order: SilenceOrder, matchers: readonly Matcher[], nowMs: number): Silence;
  /** Ends one before its time. */
  end(id: string, nowMs: number): Silence;
  /** Forgets those that have ended. */
  prune(nowMs: number): void;
  /** Id of a silence that covers these labels; null: none does. */
  of(labels: Alert['labels']): string | null;
}

/** Shorter is a slip of units: nobody wants a silence of milliseconds. */
const MIN_MS = 1_000;
/** A silence that nobody remembers is a hole; what is to be quiet for longer is to be configured. */
const MAX_MS = 30 * 24 * 3_600_000;
const MAX_SILENCES = 100;
const MAX_MATCHERS = 10;
const MAX_TEXT = 200;

export function createSilences(stored: readonly Silence[], compile: CompileRegex): Silences {
  const silences = new Map<
    string,
    { readonly silence: Silence; readonly covers: (labels: Alert['labels']) => boolean }
  >();
  const keep = (silence: Silence): void => {
    silences.set(silence.id, { silence, covers: coverage(silence.matchers, compile) });
  };
  for (const silence of stored) keep(silence);

  return {
    list: () => [...silences.values()].map(({ silence }) => silence).toSorted((a, b) => a.endsAtMs - b.endsAtMs),
    add(order, matchers, nowMs) {
      check(order, matchers);
      if (silences.size >= MAX_SILENCES) {
        throw new RampartError('bad-input', `there are ${MAX_SILENCES} silences already`, 'End some of them first.');
      }
      const silence: Silence = {
        id: fingerprint('silence', String(nowMs), JSON.stringify(matchers), order.by),
        matchers,
        startsAtMs: nowMs,
        endsAtMs: nowMs + order.forMs,
        by: order.by.slice(0, MAX_TEXT),
        reason: order.reason.slice(0, MAX_TEXT),
      };
      keep(silence);
      return silence;
    },
    end(id, nowMs) {
      const found = [...silences.values()].filter(({ silence }) => silence.id.startsWith(id) && id.length >= 6);
      const [one] = found;
      if (one === undefined || found.length > 1) {
        const ids = [...silences.keys()].slice(0, 6).join(', ');
        throw new RampartError(
          'not-found',
          one === undefined ? 'no silence has this id' : 'more than one silence begins like this',
          ids === '' ? 'There is no silence now.' : `Silences now: ${ids}.`,
        );
      }
      silences.delete(one.silence.id);
      return { ...one.silence, endsAtMs: Math.min(nowMs, one.silence.endsAtMs) };
    },
    prune(nowMs) {
      for (const [id, { silence }] of silences) if (silence.endsAtMs <= nowMs) silences.delete(id);
    },
    of(labels) {
      for (const { silence, covers } of silences.values()) if (covers(labels)) return silence.id;
      return null;
    },
  };
}

function coverage(matchers: readonly Matcher[], compile: CompileRegex): (labels: Alert['labels']) => boolean {
  const tests = matchers.map(({ label, value, isRegex }) => {
    const holds = isRegex ? compile(value) : (text: string) => text === value;
    // As in Alertmanager a label that is not there is the empty text.
    return (labels: Alert['labels']) => holds(labels[label] ?? '');
  });
  return (labels) => tests.every((test) => test(labels));
}

function check({ forMs, reason }: SilenceOrder, matchers: readonly Matcher[]): void {
  if (!(forMs >= MIN_MS && forMs <= MAX_MS)) {
    throw new RampartError(
      'bad-input',
      'every silence ends, after 30 days at the latest',
      'Give a time such as 30m, 2h or 7d.',
    );
  }
  if (reason.trim() === '') {
    throw new RampartError('bad-input', 'a silence needs a reason', 'Say in a few words why, for whoever finds it.');
  }
  if (matchers.length === 0 || matchers.length > MAX_MATCHERS) {
    throw new RampartError(
      'bad-input',
      `${matchers.length} matchers`,
      `Give 1 to ${MAX_MATCHERS}, such as session=ID or rule=leak.`,
    );
  }
  for (const { label, value } of matchers) {
    if (/^[a-z][a-z_]{0,31}$/.test(label) && value.length <= MAX_TEXT) continue;
    throw new RampartError(
      'bad-input',
      'a matcher is a label, = or =~, and a value of at most 200 characters',
      'Labels: rule, type, subject, session, server, process, client, kind, …; `rampart alerts --json` shows those of an alert.',
    );
  }
  // An empty value covers whatever lacks the label: nobody means all alerts of the machine by that.
  if (matchers.every(({ value, isRegex }) => value === '' || (isRegex && /^[.*+?^$]*$/.test(value)))) {
    throw new RampartError('bad-input', 'this would silence everything', 'Name at least a type, such as type=leak.');
  }
}

/** What names an alert and nothing beside it: its rule and its subject. */
export function matchersOf({ labels }: Alert): readonly Matcher[] {
  const identity = ['process', 'path', 'session', 'server', 'kind', 'cause', 'part'];
  const first = identity.find((label) => labels[label] !== undefined);
  return ['rule', ...(first === undefined ? ['subject'] : [first])].flatMap((label) => {
    const value = labels[label];
    return value === undefined ? [] : [{ label, value, isRegex: false }];
  });
}
