import { redactText, sanitise } from '../untrusted/index.ts';

/**
 * The only environment names that may be read from other processes. Whole environments hold tokens, keys and sockets
 * (CLAUDE_CODE_MESSAGING_TOKEN, ANTHROPIC_API_KEY, …), so a name comes on this list only when attribution or a limit
 * needs it, and never when its value is a credential or a way in.
 */
export const ENVIRONMENT_NAMES: readonly string[] = [
  // Claude Code sets these for MCP servers, hooks and Bash children; the last two only for hooks and Bash.
  'CLAUDECODE',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_PROJECT_DIR',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_PID',
  // Which agent started this: 'claude-code_2-1-330_harness'.
  'AI_AGENT',
  // Markers of the other clients.
  'GEMINI_CLI',
  'CODEX_THREAD_ID',
  'CODEX_SANDBOX',
  'OPENCODE',
  'CURSOR_AGENT',
  // Claude-Flow / Ruflo.
  'CLAUDE_FLOW_SESSION_ID',
  'CLAUDE_FLOW_DAEMON',
  // What npm tells the process that it starts: `npm exec` and `npm run` differ in these.
  'npm_command',
  'npm_lifecycle_event',
  'npm_package_name',
  // Teammates sit in panes.
  'TMUX_PANE',
  // Only the flags that NODE_FLAGS names survive.
  'NODE_OPTIONS',
];

const NAMES = new Set(ENVIRONMENT_NAMES);

/**
 * Flags that set a heap limit or the inspector's state. The rest of NODE_OPTIONS (`--require`, `--import`,
 * `--env-file`) names files and code that concern nobody here.
 */
const NODE_FLAGS =
  /(?:^|\s)(--max[-_](?:old|semi)[-_]space[-_]size(?:[-_]percentage)?[=\s]\d+(?:\.\d+)?|--inspect(?:[-_](?:brk|wait|port))?(?:=[\w.:[\]-]*)?|--disable-sigusr1)(?=\s|$)/g;

/** The value as it may be kept: null when the name is not on the list or nothing of the value may stay. */
export function filterEnvironment(name: string, value: string): string | null {
  if (!NAMES.has(name)) return null;
  if (name === 'NODE_OPTIONS') {
    const flags = Array.from(value.slice(0, 4_096).matchAll(NODE_FLAGS), (match) => match[1] ?? '');
    return flags.length === 0 ? null : flags.join(' ');
  }
  return sanitise(redactText(value));
}
