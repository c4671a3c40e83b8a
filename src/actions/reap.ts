import {
  RampartError,
  type Evidence,
  type Lifecycle,
  type LifeSigns,
  type ProcessKey,
  type Refusal,
  type TargetOutcome,
} from '../model/index.ts';
import { defineAction, notDone, refuse, type Asking, type Doing, type Selection } from './define.ts';
import { end, endingSteps } from './ending.ts';
import {
  descendantObjection,
  lastObjection,
  lastObjectionBelow,
  objection,
  type Reading,
  type Reason,
} from './evidence.ts';
import { type ActionWorld, childrenByPid, type Target } from './target.ts';

/** Two looks at the same process, this far apart, tell whether it works; and a client that forks just then is seen. */
const BETWEEN_MS = 1_000;

const GROUP_VERDICT = { orphans: 'orphan', duplicates: 'duplicate', retained: 'retained' } as const;

/** What an agent left behind: a server whose client is gone, with its wrappers and all that hangs below it. */
export const reap = defineAction({
  name: 'reap',
  does: 'Ends what is left behind: an orphan, duplicate, stale or retained process, its wrappers and what hangs below it.',
  needs: 'a verdict of that kind, still true right before each signal; see below',
  risk: 'high',
  reversible: false,
  aim: 'memory',
  ends: true,
  select: (asking, world) => select(asking, world),
  available: async () => null,
  plan: (_, { parameters, settings }) => endingSteps(parameters.graceMs ?? settings.graceMs),
  run: (selected, doing) => run(selected, doing),
});

/** Roots by their verdict, then everything below them: a tree goes as a whole, or its rest is the next orphan. */
async function select(asking: Asking, world: ActionWorld): Promise<Selection[]> {
  const selected = new Map<ProcessKey, Selection>();
  const roots = rootsOf(asking);
  const refusals = objections(roots, (root) => asking.gate(root) ?? objection(root, reasonOf(asking, root)));
  for (const target of roots)
    selected.set(target.id, { target, below: null, refusal: refusals.get(target.id) ?? null });
  const children = childrenByPid(asking.view);
  const below = [...selected.values()]
    .filter(({ refusal }) => refusal === null)
    .flatMap(({ target }) => descendants(target, children).map((each) => ({ root: target, each })));
  const signs = await world.signs(below.map(({ each }) => each));
  for (const { root, each } of below) {
    const known = selected.get(each.id);
    // An orphan only because of what is above it is judged as what hangs below.
    if (known !== undefined && (known.below !== null || !isOrphanByParent(each))) continue;
    const parent = [...selected.values()].find(({ target }) => target.pid === each.ppid && target !== each);
    const refusal =
      parent?.refusal ??
      asking.gate(each) ??
      descendantObjection(each, signs.get(each.id), ownersGo(selected, root, each));
    selected.set(each.id, { target: each, below: root.id, refusal });
  }
  return [...selected.values()];
}

/** Its agent is among what goes, or it is the root's own live agent, which lost nothing but this copy of a server. */
function ownersGo(selected: ReadonlyMap<ProcessKey, Selection>, root: Target, each: Target): boolean {
  const { agent } = each.attribution;
  return agent === root.attribution.agent || (agent !== null && selected.get(agent)?.refusal === null);
}

const isOrphanByParent = ({ verdict }: Target): boolean =>
  verdict.evidence.some(({ kind }: Evidence) => kind === 'server-orphan');

function reasonOf({ wish, parameters: { only }, origin }: Asking, target: Target): Reason {
  const isAutomatic = origin === 'automation';
  if (wish.kind === 'group') return { kind: 'group', verdict: GROUP_VERDICT[wish.group], isAutomatic };
  // A session names many: each is held to what a group is held to.
  if (wish.kind === 'session') return { kind: 'group', verdict: only ?? target.verdict.verdict, isAutomatic };
  return { kind: 'named', only };
}

function rootsOf({ wish, view, parameters: { only } }: Asking): readonly Target[] {
  if (wish.kind === 'named') return wish.targets;
  if (wish.kind === 'session') {
    const wanted: readonly Lifecycle[] = only === undefined ? ['orphan', 'duplicate'] : [only];
    return wish.targets.filter(({ verdict }) => wanted.includes(verdict.verdict));
  }
  const verdict = GROUP_VERDICT[wish.group];
  if (only === undefined || only === verdict) {
    // What is an orphan by what is above it comes with that, or not at all.
    return [...view.targets.values()].filter((each) => each.verdict.verdict === verdict && !isOrphanByParent(each));
  }
  throw new RampartError(
    'bad-input',
    `'${wish.group}' and only '${only}' are two different wishes`,
    `Leave 'only' out, or ask for '${only}s'.`,
  );
}

/** All below, parents before children. */
function descendants(root: Target, children: ReadonlyMap<number, readonly Target[]>): Target[] {
  const found: Target[] = [];
  const queue = [root];
  for (let at = queue.shift(); at !== undefined && found.length < 10_000; at = queue.shift()) {
    for (const child of children.get(at.pid) ?? []) {
      // A child that is older than its parent is another's: the pid was reused.
      if (child.startTime < at.startTime || child.pid === at.pid) continue;
      found.push(child);
      queue.push(child);
    }
  }
  return found;
}

/**
 * Two waves. First those with evidence of their own. What hung below them and is still there then has lost its parent: if
 * somebody holds its stdin nevertheless, it has another client, and stays.
 */
async function run(selected: readonly Selection[], doing: Doing): Promise<TargetOutcome[]> {
  const graceMs = doing.parameters.graceMs ?? doing.settings.graceMs;
  const roots = selected.filter(({ below }) => below === null).map(({ target }) => target);
  const before = await read(roots, doing);
  await doing.host.sleep(BETWEEN_MS);
  let isFirst = true;
  const outcomes = await end(
    roots,
    graceMs,
    async (asked) => {
      const now = await read(asked, doing);
      // SIGTERM makes a process work; that is no reason to let it go on.
      const isBusyAsked = isFirst;
      isFirst = false;
      return objections(asked, (target) => {
        const [was, is] = [before.readings.get(target.id), now.readings.get(target.id)];
        const between = isBusyAsked && was !== undefined && is !== undefined ? ([was, is] as const) : null;
        const reason = reasonOf(doing, target);
        return lastObjection(target, now.signs.get(target.id), between, reason, doing.clock.nowMs());
      });
    },
    doing,
  );
  const gone = new Set(outcomes.filter((outcome) => outcome.done).map(({ process }) => process.id));
  const rest = selected.filter(({ below }) => below !== null);
  for (const { target, below } of rest) if (below !== null && !gone.has(below)) outcomes.push(spared(target, below));
  const orphaned = rest.filter(({ below }) => below !== null && gone.has(below)).map(({ target }) => target);
  if (orphaned.length === 0) return outcomes;
  const recheck = async (asked: readonly Target[]): Promise<ReadonlyMap<ProcessKey, Refusal>> => {
    const signs = await doing.world.signs(asked);
    return objections(asked, (target) => lastObjectionBelow(target, signs.get(target.id)));
  };
  return [...outcomes, ...(await end(orphaned, graceMs, recheck, doing))];
}

const spared = (target: Target, root: ProcessKey): TargetOutcome =>
  notDone(
    target,
    refuse('not-enough-evidence', `${root} above it stays, and so does this.`, 'See what is said of that.'),
  );

/**
 * What speaks against each. A server and its wrappers stay or go together: `npm exec` hands its SIGTERM on to the server,
 * which may be the one that must not be touched.
 */
function objections(
  targets: readonly Target[],
  judge: (target: Target) => Refusal | null,
): ReadonlyMap<ProcessKey, Refusal> {
  const found = new Map<ProcessKey, Refusal>();
  const chains = new Map<ProcessKey, { readonly by: Target; readonly refusal: Refusal }>();
  for (const target of targets) {
    const refusal = judge(target);
    if (refusal === null) continue;
    found.set(target.id, refusal);
    const { serverHead } = target.attribution;
    if (serverHead !== null && refusal.code !== 'gone') chains.set(serverHead, { by: target, refusal });
  }
  for (const { id, attribution } of targets) {
    const stays = attribution.serverHead === null ? undefined : chains.get(attribution.serverHead);
    if (stays === undefined || found.has(id)) continue;
    const { code, reason, hint } = stays.refusal;
    found.set(id, refuse(code, `It is one server with ${stays.by.id}, which stays: ${reason}`, hint));
  }
  return found;
}

interface Readings {
  readonly signs: ReadonlyMap<ProcessKey, LifeSigns>;
  readonly readings: ReadonlyMap<ProcessKey, Reading>;
}

async function read(targets: readonly Target[], { world, host, clock }: Doing): Promise<Readings> {
  const signs = await world.signs(targets);
  const atMs = clock.monotonicMs();
  const readings = targets.map(({ id, pid }): [ProcessKey, Reading] => [
    id,
    { atMs, cpuMs: host.identity(pid)?.cpuMs ?? null, readBytes: signs.get(id)?.readBytes ?? null },
  ]);
  return { signs, readings: new Map(readings) };
}
