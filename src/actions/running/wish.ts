import { RampartError, type ActionParameters, type ActionRequest, type ProcessKey } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';
import type { Wish } from '../define.ts';
import type { Target, View } from '../target.ts';

const GROUPS = ['orphans', 'duplicates', 'retained'] as const;

/** What a request means among what is there now. Throws 'bad-input' and 'not-found' with what would be right. */
export function resolveWish({ action, target }: ActionRequest, view: View): Wish {
  const group = GROUPS.find((name) => name === target);
  if (group !== undefined) {
    if (action === 'reap') return { kind: 'group', group };
    throw new RampartError(
      'bad-input',
      `'${group}' can only be reaped`,
      'Name one process or session for other actions.',
    );
  }
  const named = namedProcess(target, view);
  if (named !== null) return { kind: 'named', targets: [named] };
  const sessionId = target.replace(/^session:/, '');
  const members = [...view.targets.values()].filter(({ attribution }) => attribution.sessionId === sessionId);
  if (members.length > 0) return { kind: 'session', sessionId, targets: members };
  throw new RampartError('not-found', `nothing here is called '${sanitise(target, 80)}'`, hint(target, view));
}

function namedProcess(target: string, view: View): Target | null {
  const byKey = view.targets.get(target as ProcessKey);
  if (byKey !== undefined) return byKey;
  if (!/^\d{1,10}$/.test(target)) return null;
  return [...view.targets.values()].find(({ pid }) => String(pid) === target) ?? null;
}

function hint(target: string, view: View): string {
  const pid = /^(\d+):\d+$/.exec(target)?.[1];
  const successor = [...view.targets.values()].find((each) => String(each.pid) === pid);
  const valid =
    'Valid: a session id, a pid, or pid:startTime from `rampart status`; for reap also orphans, duplicates, retained.';
  return successor === undefined ? valid : `That process has ended; its pid belongs to ${successor.id} now. ${valid}`;
}

const LARGEST = Number.MAX_SAFE_INTEGER;
/** No process needs longer to write its state; a plan that waits for ever holds its targets for ever. */
const LONGEST_GRACE_MS = 10 * 60_000;

const RANGES: readonly (readonly [keyof ActionParameters, number, number])[] = [
  ['maxBytes', 1, LARGEST],
  ['highBytes', 1, LARGEST],
  ['bytes', 1, LARGEST],
  ['oomScoreAdj', -1000, 1000],
  ['graceMs', 0, LONGEST_GRACE_MS],
];

/** Throws 'bad-input' for figures that mean nothing. */
export function checkParameters(parameters: ActionParameters): void {
  for (const [name, least, most] of RANGES) {
    const value = parameters[name];
    if (value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) continue;
    throw new RampartError('bad-input', `${name} is ${value}`, `Valid: ${least} to ${most}.`);
  }
}
