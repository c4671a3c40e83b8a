import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';
import { signalOf } from '../exit-status.ts';

/** From Claude Code's documentation: background tasks end under memory pressure after 30 minutes without the user. */
const IDLE_MS = 30 * 60_000;
const SIGNALS: ReadonlySet<string> = new Set(['SIGTERM', 'SIGKILL', 'SIGHUP']);

/**
 * Since 2.1.193 Claude Code ends the background commands of a session on memory pressure, when its user was away for half
 * an hour, all of them in one moment. It writes `<status>killed</status>` into the session's transcript, as it does when
 * the model or the user asks for the stop; that request is then in the transcript too.
 */
export const claudeReaper = defineKiller({
  killer: 'claude-reaper',
  title: "Claude Code's own reaper",
  weigh(signs) {
    const { exit, process, tasks } = signs;
    if (process.client !== 'claude-code' || process.role !== 'tool') return null;
    if (exit !== null && !SIGNALS.has(signalOf(exit) ?? '')) return null;
    if (tasks?.stopAsked === true) return null;
    if (tasks !== null && tasks.killedAtMs !== null) {
      // A user who stops it in the list of tasks leaves the same line; but stops one, and is there to do it.
      return weighed(
        signs.siblings > 1 ? WEIGHT.named : WEIGHT.counted,
        'claude-transcript',
        'The transcript of its session says that the background command was killed, and nobody had asked for that.',
      );
    }
    if (signs.userGone) return null;
    const idle = signs.agentIdleMs !== null && signs.agentIdleMs >= IDLE_MS;
    if (tasks !== null || !idle) return weighed(WEIGHT.remote, 'claude-unseen', 'Its agent was not idle for long.');
    return weighed(
      signs.siblings > 1 ? WEIGHT.fits : WEIGHT.possible,
      'claude-idle',
      'Its agent had been idle for half an hour, after which Claude Code may end background commands.',
    );
  },
});
