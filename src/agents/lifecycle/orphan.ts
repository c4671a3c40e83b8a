import type { Evidence } from '../../model/index.ts';
import { readCommand } from '../command.ts';
import { servesNetwork } from '../mcp-server.ts';
import {
  finding,
  hasDeadStdin,
  isAdopted,
  isBelowOwner,
  isOwnerGone,
  quietMs,
  type Finding,
  type Rule,
  type Subject,
  type Surroundings,
} from './subject.ts';

/**
 * Its client is gone. A parent of pid 1 alone proves nothing: every daemon has it. What it takes is a stdin that nobody
 * holds any more, seen twice, on a process that belongs to an agent's world and whose agent is gone or has let go of it.
 */
export const orphan: Rule = (subject, around) => {
  const { role } = subject.row.attribution;
  if (role === 'server' || role === 'wrapper') return serverOrphan(subject, around);
  if (role === 'tool') return toolOrphan(subject);
  if (role === 'agent') return agentOrphan(subject, around);
  return null;
};

function serverOrphan(subject: Subject, around: Surroundings): Finding | null {
  const { row, track } = subject;
  // Somebody can still ask it something. Also true for an inner process whose wrapper lives.
  if (row.attribution.serverHead === null || track.peer === 'alive') return null;
  if (servesNetwork(readCommand(row.facts)) || row.signs?.listening === true) return null;
  if (hasDeadStdin(subject)) return deadServer(subject, around);
  return withItsChain(subject, around) ?? unseenStdin(subject, around);
}

/** As long as nobody has looked for listening sockets, it may have clients that need no stdin. */
const MOST_WITHOUT_LISTENING = 90;

function deadServer(subject: Subject, around: Surroundings): Finding | null {
  const { row } = subject;
  const { attribution } = row;
  // A live agent right above it: closed connection or second copy, see `retained` and `duplicate`.
  if (isBelowOwner(subject)) return null;
  const adopted = isTopAdopted(subject, around);
  const leaderDead = !around.isLeaderAlive(subject);
  const ownerGone = isOwnerGone(subject);
  if (attribution.agent !== null) {
    return finding('orphan', 80, [
      ...stdinEvidence(subject),
      {
        kind: 'owner-let-go',
        detail: `Its agent ${attribution.agent} lives, but is neither above it nor at its stdin.`,
      },
    ]);
  }
  // Under a live parent of an unknown kind (a script, an editor) a closed stdin may be meant.
  if (!adopted && !(leaderDead && ownerGone)) return null;
  const seenDying = subject.track.ownerGone || attribution.evidence.some(({ kind }) => kind === 'remembered');
  const confidence =
    (attribution.sessionId === null && !ownerGone ? 68 : 78) +
    (seenDying ? 8 : 0) +
    (adopted ? 4 : 0) +
    (leaderDead ? 3 : 0) +
    (subject.track.wasAlive ? 3 : 0) +
    Math.min(3, subject.track.deadLooks - 2);
  return finding('orphan', Math.min(row.signs?.listening === false ? 98 : MOST_WITHOUT_LISTENING, confidence), [
    ...stdinEvidence(subject),
    ownerEvidence(subject),
    adopted ? adoptionEvidence(subject) : null,
    leaderDead ? { kind: 'session-leader-dead', detail: 'The leader of its POSIX session is gone.' } : null,
  ]);
}

/** The chain hangs under its head: whether that was adopted is what counts for its members. */
function isTopAdopted(subject: Subject, around: Surroundings): boolean {
  const { serverHead } = subject.row.attribution;
  const head = serverHead === null ? null : around.subjects.get(serverHead);
  return isAdopted(subject) || (head != null && isAdopted(head));
}

/** What has no stdin channel of its own follows: a wrapper its servers, a server's child (a browser) its server. */
function withItsChain(subject: Subject, around: Surroundings): Finding | null {
  const { attribution } = subject.row;
  if (attribution.role === 'server') {
    const above = subject.parent === null ? undefined : around.verdicts.get(subject.parent.key);
    const parentServer = subject.parent?.row.attribution;
    if (above?.verdict !== 'orphan' || parentServer?.role !== 'server') return null;
    return finding('orphan', Math.max(0, above.confidence - 5), [
      { kind: 'server-orphan', detail: `The server that started it, pid ${subject.row.sample.ppid}, is an orphan.` },
    ]);
  }
  const servers = (around.chains.get(attribution.serverHead ?? subject.key) ?? []).filter(
    ({ row }) => row.attribution.role === 'server',
  );
  const verdicts = servers.map(({ key }) => around.verdicts.get(key));
  if (servers.length === 0 || verdicts.some((each) => each?.verdict !== 'orphan')) return null;
  return finding('orphan', Math.min(...verdicts.map((each) => each?.confidence ?? 0)), [
    { kind: 'wraps-orphan', detail: `Only wraps ${attribution.serverName ?? 'a server'}, which is an orphan.` },
  ]);
}

/** Where stdin cannot be looked at (no procfs, another user): a parent that we saw die, and adoption. */
function unseenStdin(subject: Subject, around: Surroundings): Finding | null {
  const { track, row } = subject;
  const seenDying = track.ownerGone || row.attribution.evidence.some(({ kind }) => kind === 'remembered');
  if (track.peer !== null || row.attribution.agent !== null || !seenDying || !isTopAdopted(subject, around))
    return null;
  if (track.looks < 2) return null;
  return finding('orphan', 60, [
    ownerEvidence(subject),
    adoptionEvidence(subject),
    { kind: 'stdin-unknown', detail: 'Whether anybody holds its stdin cannot be seen here.' },
  ]);
}

/**
 * A tool's stdin is often a pipe whose writer has finished, and background jobs are left on purpose: only a socket (as a
 * parent keeps to a worker) that was cut, together with the loss of the session, is enough.
 */
function toolOrphan(subject: Subject): Finding | null {
  const { track, row } = subject;
  if (!hasDeadStdin(subject) || track.channel?.startsWith('socket:') !== true) return null;
  if (row.attribution.agent !== null || !isOwnerGone(subject) || !isAdopted(subject)) return null;
  if (servesNetwork(readCommand(row.facts)) || row.signs?.listening === true) return null;
  return finding('orphan', 65, [
    ...stdinEvidence(subject),
    ownerEvidence(subject),
    { kind: 'reparented', detail: `Its parent is gone; pid ${row.sample.ppid} adopted it.` },
  ]);
}

/** An agent outlives its terminal or its SDK host and waits for input that cannot come. */
function agentOrphan(subject: Subject, around: Surroundings): Finding | null {
  const { track, row } = subject;
  const quiet = quietMs(subject, around.nowMs);
  const isStreaming = row.facts.argv.some((argument) => argument.includes('stream-json'));
  const lostHost = isStreaming && hasDeadStdin(subject);
  const lostTerminal = track.lostTerminal || (hasDeadStdin(subject) && track.channel?.includes('/pts/') === true);
  if ((!lostHost && !lostTerminal) || !isAdopted(subject) || quiet < around.options.lostAgentQuietMs) return null;
  return finding('orphan', lostHost ? 75 : 70, [
    lostHost
      ? { kind: 'stdin-peer-dead', detail: 'It takes its input from a program that is gone.' }
      : { kind: 'terminal-gone', detail: 'Its terminal was closed; nobody can type to it any more.' },
    { kind: 'quiet', detail: `No sign of work for ${Math.round(quiet / 60_000)} min.` },
  ]);
}

function stdinEvidence({ track }: Subject): Evidence[] {
  return [
    {
      kind: 'stdin-peer-dead',
      detail: `Nobody holds the other end of its stdin (${track.channel ?? 'unknown channel'}), in ${track.deadLooks} looks in a row.`,
    },
  ];
}

/** Inside a chain it is the head that was adopted. */
function adoptionEvidence(subject: Subject): Evidence {
  const { ppid } = subject.row.sample;
  return {
    kind: 'reparented',
    detail: isAdopted(subject)
      ? `Its parent is gone; pid ${ppid} adopted it.`
      : `Its chain of wrappers (${subject.row.attribution.serverHead ?? ppid}) lost its parent and was adopted.`,
  };
}

function ownerEvidence(subject: Subject): Evidence | null {
  const { row, track } = subject;
  if (track.ownerGone) return { kind: 'agent-dead', detail: `Its agent ${track.owner ?? ''} has ended.` };
  if (row.attribution.sessionId !== null) {
    return { kind: 'agent-gone', detail: `No live agent of session ${row.attribution.sessionId} can have started it.` };
  }
  return null;
}
