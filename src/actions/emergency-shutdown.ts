import type { ProcessKey, Refusal, TargetOutcome } from '../model/index.ts';
import { defineAction, refuse, type Asking, type Doing, type Selection } from './define.ts';
import { end, endingSteps } from './ending.ts';
import { childrenByPid, type Target } from './target.ts';

/** The last resort: it ends what works. Agents get SIGTERM and their time; what hangs below them goes after them. */
export const emergencyShutdown = defineAction({
  name: 'emergency_shutdown',
  does: 'Ends an agent session, or one of its processes, although it works: gracefully first, then what hangs below it.',
  needs: "actionTriggers.emergencyShutdown (of automation: automaticShutdown), and a process of an agent's world",
  risk: 'high',
  reversible: false,
  aim: 'memory',
  ends: true,
  select: async (asking) => select(asking),
  available: async ({ attribution, isRegistered }, { settings, origin }) => {
    const itsSwitch = origin === 'automation' ? 'automaticShutdown' : 'emergencyShutdown';
    if (!settings[itsSwitch]) {
      return refuse('not-allowed', 'Emergency shutdown is switched off.', `Set actionTriggers.${itsSwitch} to true.`);
    }
    if (isRegistered || attribution.role !== 'other') return null;
    return refuse('not-enough-evidence', 'It belongs to no agent.', 'End it yourself.');
  },
  plan: (_, { parameters, settings }) => endingSteps(parameters.graceMs ?? settings.graceMs),
  run: (selected, doing) => run(selected, doing),
});

function select({ wish, view, gate }: Asking): Selection[] {
  if (wish.kind === 'group') return [];
  // A session is its agent; its servers and tools hang below it.
  const agents = wish.targets.filter(({ attribution }) => attribution.role === 'agent');
  const roots = wish.kind === 'session' && agents.length > 0 ? agents : wish.targets;
  const selected = new Map<ProcessKey, Selection>();
  for (const target of roots) selected.set(target.id, { target, below: null, refusal: gate(target) });
  const children = childrenByPid(view);
  const addBelow = (parent: Target, root: Target): void => {
    for (const child of children.get(parent.pid) ?? []) {
      if (child.startTime < parent.startTime || selected.has(child.id)) continue;
      selected.set(child.id, { target: child, below: root.id, refusal: gate(child) ?? detached(child) });
      addBelow(child, root);
    }
  };
  for (const root of roots) if (selected.get(root.id)?.refusal === null) addBelow(root, root);
  return [...selected.values()];
}

function detached({ sessionLeader, pid, attribution }: Target): Refusal | null {
  if (attribution.role !== 'other' || sessionLeader !== pid) return null;
  return refuse(
    'not-enough-evidence',
    'It runs in a POSIX session of its own, as a daemon does.',
    'Judge it on its own.',
  );
}

async function run(selected: readonly Selection[], doing: Doing): Promise<TargetOutcome[]> {
  const graceMs = doing.parameters.graceMs ?? doing.settings.graceMs;
  const none = async (): Promise<ReadonlyMap<ProcessKey, Refusal>> => new Map();
  const targets = (isRoot: boolean): Target[] =>
    selected.filter(({ below }) => (below === null) === isRoot).map(({ target }) => target);
  const outcomes = await end(targets(true), graceMs, none, doing);
  return [...outcomes, ...(await end(targets(false), graceMs, none, doing))];
}
