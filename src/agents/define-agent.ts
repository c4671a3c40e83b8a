import type { Evidence, ProcessFacts } from '../model/index.ts';
import type { Command } from './command.ts';
import type { ProcessRow } from './row.ts';

/** What a process is to an agent CLI, by its own facts alone. */
export interface AgentMatch {
  /** agent: the CLI · server: the CLI's own binary serving MCP · tool: its binary under another name, or a short helper. */
  readonly part: 'agent' | 'server' | 'tool';
  /** May be the launcher of the real agent: then it is a wrapper as soon as a direct child matches the same client. */
  readonly mayLaunch?: boolean;
  /** How sure the match is, 0–100. */
  readonly confidence: number;
  readonly evidence: Evidence;
  /** Its own session, when the command line names it. */
  readonly sessionId?: string | null;
  /** Teammates: who they are inside which session. */
  readonly agentId?: string | null;
  readonly parentSessionId?: string | null;
}

/** What a direct child of an agent is, as far as this client's habits tell. */
export interface ChildMatch {
  readonly role: 'server' | 'tool';
  readonly confidence: number;
  readonly evidence: Evidence;
}

/** One agent CLI. */
export interface AgentDefinition {
  /** The `client` of every report. */
  readonly name: string;
  readonly title: string;
  readonly matches: (facts: ProcessFacts, command: Command) => AgentMatch | null;
  /** Environment name in which this client hands its session id to direct children. */
  readonly sessionVariable: string | null;
  /** Environment name that only this client's children have. */
  readonly marker: string | null;
  readonly child: (child: ProcessRow, command: Command, agent: ProcessRow) => ChildMatch | null;
}

export function defineAgent(definition: AgentDefinition): AgentDefinition {
  return definition;
}
