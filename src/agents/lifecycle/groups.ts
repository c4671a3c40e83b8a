import type { ProcessKey, RegistryClaim } from '../../model/index.ts';
import { groupBy } from '../group-by.ts';
import { isDaemonCommand } from '../claude-flow.ts';
import { readCommand } from '../command.ts';
import { finding, hasDeadStdin, type Finding, type Subject } from './subject.ts';
import type { LifecycleOptions } from './options.ts';

/** Server chains by their head: wrappers, the server, and what the server started. O(processes). */
export function chainsOf(subjects: Iterable<Subject>): Map<ProcessKey, Subject[]> {
  return groupBy(subjects, ({ row }) => row.attribution.serverHead);
}

interface Chain {
  readonly head: ProcessKey;
  readonly startedAtMs: number;
  readonly lastActiveMs: number | null;
  readonly watchedMs: number;
  readonly isCutOff: boolean;
}

/**
 * Equal servers (same name, same command) under one live agent. The one that worked last stays, or the youngest; the
 * others are duplicates when they are cut off or quiet. Copies that were started together were configured together.
 */
export function findDuplicates(
  chains: ReadonlyMap<ProcessKey, readonly Subject[]>,
  nowMs: number,
  options: LifecycleOptions,
): Map<ProcessKey, Finding> {
  const groups = new Map<string, Chain[]>();
  for (const [head, members] of chains) {
    const server = members.find(({ row }) => row.attribution.role === 'server');
    if (server === undefined || server.row.attribution.agent === null) continue;
    const { facts, attribution } = server.row;
    if (facts.startedAtMs === null || facts.argv.length === 0) continue;
    const identity = JSON.stringify([attribution.agent, attribution.serverName, facts.argv]);
    const active = members.map(({ track }) => track.lastActiveMs).filter((ms) => ms !== null);
    const chain: Chain = {
      head,
      startedAtMs: facts.startedAtMs,
      lastActiveMs: active.length === 0 ? null : Math.max(...active),
      watchedMs: nowMs - server.track.firstSeenMs,
      isCutOff: hasDeadStdin(server),
    };
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [chain]);
    else group.push(chain);
  }
  const found = new Map<ProcessKey, Finding>();
  for (const group of groups.values()) {
    if (group.length > 1) for (const [head, each] of judgeGroup(group, nowMs, options)) found.set(head, each);
  }
  return found;
}

function judgeGroup(group: readonly Chain[], nowMs: number, options: LifecycleOptions): [ProcessKey, Finding][] {
  const connected = group.filter(({ isCutOff }) => !isCutOff);
  const kept = (connected.length > 0 ? connected : group).toSorted(
    (a, b) => (b.lastActiveMs ?? 0) - (a.lastActiveMs ?? 0) || b.startedAtMs - a.startedAtMs,
  )[0];
  if (kept === undefined) return [];
  return group.flatMap((chain): [ProcessKey, Finding][] => {
    if (chain === kept) return [];
    const isTwin = Math.abs(chain.startedAtMs - kept.startedAtMs) < options.twinStartMs;
    const isQuiet =
      (chain.lastActiveMs === null ? chain.watchedMs : nowMs - chain.lastActiveMs) >= options.duplicateQuietMs;
    if (!chain.isCutOff && (isTwin || !isQuiet || chain.startedAtMs > kept.startedAtMs)) return [];
    return [
      [
        chain.head,
        finding('duplicate', chain.isCutOff ? 90 : 60, [
          { kind: 'same-server', detail: `The same agent runs the same server again, as ${kept.head}.` },
          chain.isCutOff
            ? { kind: 'stdin-peer-dead', detail: 'Nobody holds the stdin of this copy any more.' }
            : {
                kind: 'quiet',
                detail: 'This older copy has had no traffic; a sub-agent with servers of its own looks the same.',
              },
        ]),
      ],
    ];
  });
}

/** Daemons of Claude-Flow: one is meant to run per project. The one its pid file names stays, else the youngest. */
export function findReplacedDaemons(subjects: Iterable<Subject>): Map<ProcessKey, Finding> {
  const byProject = groupBy(subjects, ({ row: { facts, attribution } }) =>
    attribution.client === 'claude-flow' && attribution.role === 'agent' && isDaemonCommand(readCommand(facts).rest)
      ? facts.cwd
      : null,
  );
  const found = new Map<ProcessKey, Finding>();
  for (const [cwd, group] of byProject) {
    const isNamed = ({ claims }: Subject) => claims.some(({ kind }: RegistryClaim) => kind === 'claude-flow-daemon');
    const current = group.find(isNamed) ?? group.toSorted((a, b) => b.row.sample.startTime - a.row.sample.startTime)[0];
    for (const subject of group) {
      if (subject === current || current === undefined) continue;
      const why = isNamed(current) ? 'which its pid file names' : 'which is younger';
      found.set(
        subject.key,
        finding('stale', 80, [
          { kind: 'older-generation', detail: `Another daemon runs in ${cwd}: pid ${current.row.sample.pid}, ${why}.` },
        ]),
      );
    }
  }
  return found;
}
