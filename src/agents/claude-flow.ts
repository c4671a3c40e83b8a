import { baseName } from './command.ts';
import { defineAgent } from './define-agent.ts';

const PACKAGE = /\/(?:claude-flow|ruflo|@claude-flow\/cli|@ruflo\/[\w-]+)\//;
const NAMES = new Set(['claude-flow', 'ruflo']);
/** Commands that stay and steer others; all else is over in seconds. */
const LASTING = new Set(['hive-mind', 'swarm', 'start', 'daemon', 'orchestrate']);

/** Claude-Flow, now Ruflo: an MCP server (`mcp start`), a daemon per project, and a hive mind with claude children. */
export const claudeFlow = defineAgent({
  name: 'claude-flow',
  title: 'Claude-Flow / Ruflo',
  sessionVariable: 'CLAUDE_FLOW_SESSION_ID',
  marker: 'CLAUDE_FLOW_SESSION_ID',

  matches(facts, command) {
    const { script } = command;
    const byPath = script !== null && PACKAGE.test(script);
    const byName = NAMES.has(baseName(script ?? '').replace(/\.[cm]?js$/, '')) || NAMES.has(command.calledAs);
    if (!byPath && !byName) return null;
    const [first, second] = command.rest.filter((argument) => !argument.startsWith('-'));
    const identity = {
      confidence: byPath ? 96 : 88,
      evidence: {
        kind: 'script',
        detail: `Runs Claude-Flow: ${[first, second].filter(Boolean).join(' ') || 'no command'}.`,
      },
    };
    const isServer =
      (first === 'mcp' && (second === undefined || second === 'start')) || /\/mcp-server\./.test(script ?? '');
    if (isServer) return { part: 'server', ...identity };
    const isDaemon = facts.env['CLAUDE_FLOW_DAEMON'] === '1' && first === 'daemon';
    if (isDaemon || (first !== undefined && LASTING.has(first) && second !== 'stop' && second !== 'status')) {
      return { part: 'agent', ...identity, sessionId: null };
    }
    return { part: 'tool', ...identity };
  },

  child: () => null,
});

/** Whether this is a project's daemon, of which one is meant to run per directory. */
export function isDaemonCommand(words: readonly string[]): boolean {
  return words.find((word) => !word.startsWith('-')) === 'daemon';
}
