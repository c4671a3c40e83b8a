import type { ProcessFacts } from '../model/index.ts';
import { baseName, flag, isShell, type Command } from './command.ts';
import { defineAgent, type AgentMatch } from './define-agent.ts';
import { SESSION_UUID } from './session-id.ts';

/**
 * Native builds live in `…/claude/versions/X` (installer), `@anthropic-ai/claude-code[-platform]` (npm, named `claude.exe`
 * on every platform), or inside the editor extension. The real path is what counts: the process name may be a version.
 */
const NATIVE = /\/claude\/versions\/[^/]+$|\/@anthropic-ai\/claude-code[^/]*\/|\/anthropic\.claude-code-[^/]+\//;
const NODE_SCRIPT = /\/@anthropic-ai\/claude-code\/cli\.m?js$/;
const LAUNCHER = /\/@anthropic-ai\/claude-code\/(?:cli-wrapper\.cjs|bin\/claude(?:\.exe)?)$/;
/** The chat application ships a program of the same name. */
const DESKTOP = /claude[-_ ]desktop|Claude\.app|\/Claude\//;
const VERSION = /^\d+\.\d+\.\d+/;
/** Its binary serves MCP under these arguments. */
const SERVER_FLAGS = new Set(['--claude-in-chrome-mcp', '--computer-use-mcp', '--chrome-native-host']);

function identify(
  facts: ProcessFacts,
  command: Command,
): Pick<AgentMatch, 'confidence' | 'evidence' | 'mayLaunch'> | null {
  const exe = command.exe.replace(/ \(deleted\)$/, '');
  const found = (confidence: number, detail: string, mayLaunch = false) => ({
    confidence,
    mayLaunch,
    evidence: { kind: 'executable', detail },
  });
  if (command.script !== null) {
    if (LAUNCHER.test(command.script)) return found(90, 'Runs the npm launcher of Claude Code.', true);
    if (NODE_SCRIPT.test(command.script)) return found(97, 'Runs cli.js of the npm package @anthropic-ai/claude-code.');
    if (baseName(command.script) === 'claude') return found(85, 'Runs a script called claude.', true);
  }
  if (NATIVE.test(exe)) return found(98, `Its executable is Claude Code's native build (${baseName(exe)}).`);
  if (DESKTOP.test(exe) || facts.argv.some((argument) => argument.startsWith('--type='))) return null;
  if (facts.runtime === 'node' && command.calledAs === 'claude') {
    return found(85, 'A Node process that calls itself claude, as the npm package does.');
  }
  if (command.program === 'claude') return found(75, 'Its executable is called claude.');
  if (exe === '' && (command.calledAs === 'claude' || (VERSION.test(facts.comm) && command.calledAs === 'claude'))) {
    return found(65, 'It is called claude; its executable may not be read.');
  }
  return null;
}

function ownArguments(facts: ProcessFacts, command: Command): readonly string[] {
  return command.script === null ? facts.argv.slice(1) : command.rest;
}

/** `--resume ID` keeps the id unless the session is forked. */
function sessionIdOf(args: readonly string[]): string | null {
  const given = flag(args, '--session-id');
  const resumed = args.includes('--fork-session') ? null : (flag(args, '--resume') ?? flag(args, '-r'));
  return [given, resumed].find((id) => id !== null && SESSION_UUID.test(id)) ?? null;
}

export const claudeCode = defineAgent({
  name: 'claude-code',
  title: 'Claude Code',
  sessionVariable: 'CLAUDE_CODE_SESSION_ID',
  marker: 'CLAUDECODE',

  matches(facts, command) {
    const identity = identify(facts, command);
    if (identity === null) return null;
    const args = ownArguments(facts, command);
    // The native build is also its own ripgrep, under another argv[0].
    if (/^(?:rg|ugrep|bfs|grep|find)$/.test(command.calledAs)) return { part: 'tool', ...identity };
    if ((args[0] === 'mcp' && args[1] === 'serve') || args.some((argument) => SERVER_FLAGS.has(argument))) {
      return { part: 'server', ...identity };
    }
    return {
      part: 'agent',
      ...identity,
      sessionId: sessionIdOf(args),
      agentId: flag(args, '--agent-id'),
      parentSessionId: flag(args, '--parent-session-id'),
    };
  },

  child({ sample, facts }, command, agent) {
    if (command.shellText?.includes('shell-snapshots/snapshot-') === true) {
      return {
        role: 'tool',
        confidence: 98,
        evidence: {
          kind: 'bash-tool',
          detail: 'Its command line loads a Claude Code shell snapshot: a Bash tool call.',
        },
      };
    }
    if (facts.env['CLAUDE_CODE_CHILD_SESSION'] !== undefined || facts.env['CLAUDE_PID'] !== undefined) {
      return {
        role: 'tool',
        confidence: 96,
        evidence: {
          kind: 'env-child-session',
          detail: 'Carries CLAUDE_CODE_CHILD_SESSION or CLAUDE_PID, which only tools and hooks get.',
        },
      };
    }
    if (facts.env['CLAUDECODE'] === undefined) return null;
    const inGroup = sample.processGroup === agent.sample.processGroup;
    if (!inGroup && isShell(command.program)) {
      return {
        role: 'tool',
        confidence: 85,
        evidence: { kind: 'own-session', detail: 'A shell in a process group of its own, as tools are.' },
      };
    }
    return {
      role: 'server',
      confidence: inGroup ? 95 : 80,
      evidence: {
        kind: 'mcp-child',
        detail:
          "Carries CLAUDECODE but no CLAUDE_PID, and stays in the agent's process group: started as an MCP server.",
      },
    };
  },
});
