import { attribute, AttributionMemory } from '../../../src/agents/index.ts';
import type { Attribution, RegistryClaim } from '../../../src/model/index.ts';
import { rowsOf, type Described } from './rows.ts';

export const CLAUDE = '/home/user/.local/share/claude/versions/2.1.330';
export const CODEX = '/opt/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex';
export const OUTER = '11111111-1111-4111-8111-111111111111';
export const INNER = '22222222-2222-4222-8222-222222222222';

/** What Claude Code gives to MCP servers, and to Bash tools and hooks. */
export const mcpEnv = (id: string) => ({ CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: id });
export const toolEnv = (id: string, pid: number) => ({
  ...mcpEnv(id),
  CLAUDE_CODE_CHILD_SESSION: '1',
  CLAUDE_PID: String(pid),
});

/** A Claude Code process; `argv` is what follows its name. */
export function claude(pid: number, given: Partial<Described> = {}): Described {
  return { exe: CLAUDE, comm: '2.1.330', tty: 34_816, ...given, pid, argv: ['claude', ...(given.argv ?? [])] };
}

/** An MCP server stays in the group of its agent. */
export const inGroup = (group: number) => ({ processGroup: group, sessionLeader: group });

/** One look: attribution by pid. */
export function look(
  described: readonly Described[],
  claims: readonly RegistryClaim[] = [],
  memory = new AttributionMemory(),
): (pid: number) => Attribution {
  const answer = attribute(rowsOf(...described), claims, memory);
  return (pid) => {
    for (const [key, value] of answer) if (key.startsWith(`${pid}:`)) return value;
    throw new Error(`no attribution for ${pid}`);
  };
}
