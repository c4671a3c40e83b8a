import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';
import { isFault } from '../exit-status.ts';
import { LOG_SLACK_MS } from '../signs.ts';

/** A SIGTERM of ours may be heard late: the runner waits for the process for a while before it says SIGKILL. */
const GRACE_MS = 60_000;

/** Every signal of ours has a line in the audit log, written before it is sent. */
export const rampart = defineKiller({
  killer: 'rampart',
  title: 'Rampart, on order',
  weigh({ audit, exit, process, diedAfterMs, diedBeforeMs }) {
    if (exit !== null && isFault(exit.signal)) return null;
    const line = audit.findLast(
      (entry) =>
        entry.event === 'signal' &&
        entry.process === process.key &&
        entry.atMs >= diedAfterMs - GRACE_MS &&
        entry.atMs <= diedBeforeMs + LOG_SLACK_MS,
    );
    if (line === undefined) return null;
    const who =
      line.origin === 'automation'
        ? 'by itself, as configured'
        : `for ${line.origin === 'agent' ? 'an agent' : 'its user'}`;
    return weighed(WEIGHT.named, 'audit-log', `Rampart's audit log: ${line.action} was carried out ${who}.`);
  },
});
