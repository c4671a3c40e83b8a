import type { RegistryClaim } from '../../model/index.ts';
import { orphan } from './orphan.ts';
import { finding, hasDeadStdin, isBelowOwner, isOwnerGone, quietMs, type Rule, type Subject } from './subject.ts';

/** Dead, and not yet collected by its parent. It holds a pid and no memory. */
const zombie: Rule = ({ row }) => {
  if (row.sample.state !== 'zombie') return null;
  return finding('zombie', 100, [
    { kind: 'state-zombie', detail: `It has ended; its parent, pid ${row.sample.ppid}, has not collected it.` },
  ]);
};

/** A copy of the same server under one live agent. Worked out for whole chains, see duplicates.ts. */
const duplicate: Rule = ({ row }, around) => around.duplicates.get(row.attribution.serverHead ?? '0:0') ?? null;

/** Runs code, or belongs to a generation, that was replaced. A live agent on an old build is only noted: it updates itself. */
const stale: Rule = ({ key, row }, around) => {
  const generation = around.replaced.get(key);
  if (generation !== undefined) return generation;
  const { role } = row.attribution;
  if (row.facts.exeDeleted !== true || (role !== 'server' && role !== 'wrapper')) return null;
  return finding('stale', 85, [
    { kind: 'executable-replaced', detail: 'Its executable was replaced or removed since it started.' },
  ]);
};

/** Claude-Flow's daemon state said `running: false` beside live daemons (see its issues): its status proves nothing. */
const UNTRUSTED_STATUS = new Set(['claude-flow-daemon']);

function ownStatus(subject: Subject): (RegistryClaim & { readonly status: string }) | null {
  const claim = subject.claims.find(({ status, kind }) => status !== null && !UNTRUSTED_STATUS.has(kind));
  return claim?.status == null ? null : { ...claim, status: claim.status };
}

const FINISHED = /^(?:completed?|finished|done|stopped|ended|exited|failed|cancell?ed)$/i;

/** Finished, but alive. Says why it thinks so, and never more than it can see. */
const retained: Rule = (subject, around) => {
  const { row, track } = subject;
  const quiet = quietMs(subject, around.nowMs);
  const { role } = row.attribution;
  if (role === 'agent') {
    const claim = ownStatus(subject);
    if (claim !== null && FINISHED.test(claim.status)) {
      return finding('retained', 85, [
        { kind: 'registry-status', detail: `${claim.path} says "${claim.status}", and the process still lives.` },
      ]);
    }
    const isQuiet = quiet >= around.options.retainedAfterMs && claim?.status !== 'busy';
    // Somebody at a terminal, or a program at its stdin, may come back at any time.
    if (!isQuiet || row.sample.tty !== 0 || track.peer === 'alive') return null;
    return finding('retained', 60, [
      { kind: 'quiet', detail: `No work seen for ${Math.round(quiet / 3_600_000)} h.` },
      { kind: 'no-client', detail: 'It has no terminal, and no live client at its stdin.' },
    ]);
  }
  if (role === 'server' && hasDeadStdin(subject) && isBelowOwner(subject)) {
    return finding('retained', 70, [
      {
        kind: 'stdin-peer-dead',
        detail: 'Its agent lives but has let go of its stdin: it can get no request any more.',
      },
    ]);
  }
  if (role === 'tool' && row.attribution.agent === null && isOwnerGone(subject)) {
    return finding('retained', 45, [
      { kind: 'agent-gone', detail: 'The session that started it is gone.' },
      { kind: 'may-be-wanted', detail: 'A job left running on purpose looks the same, so it is not called an orphan.' },
    ]);
  }
  return null;
};

const activity: Rule = (subject, around) => {
  const { row, track } = subject;
  const claim = row.attribution.role === 'agent' ? ownStatus(subject) : null;
  const old =
    row.facts.exeDeleted === true
      ? { kind: 'executable-replaced', detail: 'Its executable was replaced since it started.' }
      : null;
  const closed = hasDeadStdin(subject)
    ? { kind: 'stdin-peer-dead', detail: 'Nobody holds its stdin, but nothing else says that it is unwanted.' }
    : null;
  const network = servesByArguments(subject)
    ? {
        kind: 'serves-network',
        detail: 'It serves over a network by its arguments: its stdin says nothing about its clients.',
      }
    : null;
  if (claim !== null) {
    const isBusy = /^(?:busy|working|running|shell)$/i.test(claim.status);
    return finding(isBusy ? 'busy' : 'idle', 90, [
      { kind: 'registry-status', detail: `The client itself says "${claim.status}" (${claim.path}).` },
      old,
    ]);
  }
  if (track.lastActiveMs !== null && around.nowMs - track.lastActiveMs <= around.options.busyWindowMs) {
    return finding('busy', 85, [
      { kind: 'active', detail: track.activity ?? 'It worked lately.' },
      old,
      closed,
      network,
    ]);
  }
  if (track.looks < 2) return finding('unknown', 0, [{ kind: 'new', detail: 'Seen only once so far.' }]);
  const since = Math.round((around.nowMs - (track.lastActiveMs ?? track.firstSeenMs)) / 1000);
  const client =
    track.peer === 'alive' ? { kind: 'stdin-peer-alive', detail: 'A client holds the other end of its stdin.' } : null;
  return finding('idle', track.peer === 'alive' ? 90 : 70, [
    {
      kind: 'quiet',
      detail: `No sign of work for ${since} s${track.lastActiveMs === null ? ', as long as it is watched' : ''}.`,
    },
    client,
    old,
    closed,
    network,
  ]);
};

function servesByArguments({ row, track }: Subject): boolean {
  return (
    track.peer === 'dead' &&
    (row.signs?.listening === true || row.facts.argv.some((word) => /^--(?:port|http|sse)/.test(word)))
  );
}

/** In order: the first that has something to say decides. */
export const RULES: readonly Rule[] = [zombie, orphan, duplicate, stale, retained, activity];
