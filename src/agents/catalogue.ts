import { claudeCode } from './claude-code.ts';
import { claudeFlow } from './claude-flow.ts';
import { codex } from './codex.ts';
import type { AgentDefinition } from './define-agent.ts';
import { geminiCli } from './gemini-cli.ts';
import { genericAgents } from './generic.ts';

/** Every agent CLI that is known, the surest match first. */
export const AGENTS: readonly AgentDefinition[] = [claudeCode, codex, geminiCli, claudeFlow, ...genericAgents];
