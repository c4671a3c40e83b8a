import type { ActionName, ActionOrigin, ActionRequest, ProcessKey, Refusal, Risk } from '../../model/index.ts';
import { refuse, type Action } from '../define.ts';
import { protectedBy } from './protect.ts';
import type { Target } from '../target.ts';

/** The part of the configuration that decides what may be done. */
export interface GateSettings {
  readonly allow: readonly ActionName[];
  readonly protect: readonly string[];
  /** Most actions of agents in an hour; 0: agents may not act. */
  readonly maxAgentActionsPerHour: number;
  readonly automation: {
    readonly enabled: boolean;
    readonly aggressiveness: 'conservative' | 'moderate' | 'aggressive';
    readonly maxPerHour: number;
    /** Actions with a switch of their own (`actionTriggers`) that is on: the others' switch and highest risk are not asked. */
    readonly switchedOn: readonly ActionName[];
  };
}

/** What is being done, and was done. */
export interface Activity {
  /** Processes that an action works on now. */
  readonly busy: ReadonlySet<ProcessKey>;
  /** Actions that were begun within the last hour, by whom. */
  readonly begun: readonly { readonly atMs: number; readonly origin: ActionOrigin }[];
}

const HOUR_MS = 3_600_000;
const RISKS: readonly Risk[] = ['none', 'low', 'medium', 'high'];
/** Whoever chose 'conservative' accepts a pause; 'moderate' also what can be taken back with trouble; 'aggressive' an end. */
export const HIGHEST_RISK: Readonly<Record<GateSettings['automation']['aggressiveness'], Risk>> = {
  conservative: 'low',
  moderate: 'medium',
  aggressive: 'high',
};

/** Whether this action may be asked for at all; null: yes. Pure. */
export function gateRequest(
  action: Action,
  { origin }: Pick<ActionRequest, 'origin'>,
  settings: GateSettings,
  activity: Activity,
  nowMs: number,
): Refusal | null {
  if (!settings.allow.includes(action.name)) {
    return refuse('not-allowed', `'${action.name}' is not among the allowed actions.`, 'Add it to actions.allow.');
  }
  if (origin === 'user') return null;
  if (origin === 'automation') {
    const { automation } = settings;
    const hasOwnSwitch = automation.switchedOn.includes(action.name);
    if (!automation.enabled && !hasOwnSwitch) {
      return refuse('not-allowed', 'Automatic actions are switched off.', 'Set autoOptimization.enabled to true.');
    }
    if (!hasOwnSwitch && RISKS.indexOf(action.risk) > RISKS.indexOf(HIGHEST_RISK[automation.aggressiveness])) {
      return refuse(
        'risk-too-high',
        `Its risk is ${action.risk}; '${automation.aggressiveness}' allows up to ${HIGHEST_RISK[automation.aggressiveness]}.`,
        'Raise autoOptimization.aggressiveness, or do it by hand.',
      );
    }
  }
  const limit = origin === 'agent' ? settings.maxAgentActionsPerHour : settings.automation.maxPerHour;
  const recent = activity.begun.filter((past) => past.origin === origin && nowMs - past.atMs < HOUR_MS);
  if (recent.length < limit) return null;
  const who = origin === 'agent' ? 'agents' : 'automation';
  if (limit === 0) return refuse('not-allowed', `Actions of ${who} are switched off.`, 'Ask a person.');
  const oldestMs = Math.min(...recent.map(({ atMs }) => atMs));
  return refuse(
    'rate-limited',
    `${limit} actions of ${who} were begun within the last hour, which is the limit.`,
    `Again in ${Math.ceil((oldestMs + HOUR_MS - nowMs) / 60_000)} min, or ask a person.`,
  );
}

/** Who must never be a target, and why. */
export interface Kin {
  readonly ownPid: number;
  /** Processes above us, and the asker with those above it. */
  readonly ours: ReadonlySet<ProcessKey>;
  readonly callers: ReadonlySet<ProcessKey>;
  /** The session that the asker belongs to; null: not known. */
  readonly callerSession: string | null;
}

/** Whether this target may be touched; null: yes. Pure. */
export function gateTarget(
  action: Action,
  target: Target,
  origin: ActionOrigin,
  { settings, activity, kin, uid }: { settings: GateSettings; activity: Activity; kin: Kin; uid: number | null },
): Refusal | null {
  const { pid, id } = target;
  if (pid <= 1) return refuse('own-kin', `Pid ${pid} is the system's own.`, 'Choose another target.');
  if (pid === kin.ownPid || kin.ours.has(id)) {
    return refuse('own-kin', `Process ${pid} is Rampart itself, or runs it.`, 'Choose another target.');
  }
  if (kin.callers.has(id)) {
    return refuse('own-kin', `Process ${pid} is the asker, or runs it.`, 'Ask from somewhere else.');
  }
  if (uid !== null && target.uid !== uid) {
    return refuse('other-user', `Process ${pid} belongs to another user.`, 'Ask as that user.');
  }
  const matcher = protectedBy(settings.protect, target);
  if (matcher !== null) {
    return refuse('protected', 'It is on the list of what must not be touched.', 'See actions.protect.');
  }
  if (activity.busy.has(id)) {
    return refuse('in-progress', 'Another action works on it now.', 'Wait until that has ended.');
  }
  return origin === 'user' ? null : othersBusiness(action, target, kin);
}

/** Models and automation keep to agents' processes, and an agent does not meddle in another live session. */
function othersBusiness(action: Action, { attribution }: Target, { callerSession }: Kin): Refusal | null {
  if (RISKS.indexOf(action.risk) < RISKS.indexOf('medium')) return null;
  if (attribution.role === 'other') {
    return refuse('protected', 'It belongs to no agent; only a person may do this to it.', 'Ask a person.');
  }
  // What a group is made of was judged by its verdict: it has no session that needs it.
  const isLive = attribution.agent !== null;
  if (action.name === 'reap' || !isLive || attribution.sessionId === callerSession) return null;
  return refuse('protected', 'It belongs to another live session.', 'Ask a person, or act on your own session.');
}
