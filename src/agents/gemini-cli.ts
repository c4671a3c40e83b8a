import { isShell } from './command.ts';
import { defineAgent } from './define-agent.ts';

const PACKAGE = /\/@google\/gemini-cli\/(?:bundle|dist)\//;
const LINK = /\/gemini$/;

/** Two Node processes with the same script: a launcher, and a worker with a larger heap, which is the agent. */
export const geminiCli = defineAgent({
  name: 'gemini-cli',
  title: 'Gemini CLI',
  sessionVariable: null,
  marker: 'GEMINI_CLI',

  matches(_facts, command) {
    if (command.script === null) return null;
    const certain = PACKAGE.test(command.script) || command.script.endsWith('/.bin/gemini');
    if (!certain && !LINK.test(command.script)) return null;
    return {
      part: 'agent',
      mayLaunch: true,
      confidence: certain ? 97 : 85,
      evidence: { kind: 'script', detail: 'Runs the script of Gemini CLI.' },
    };
  },

  child({ sample, facts }, command, agent) {
    if (facts.env['GEMINI_CLI'] === undefined) return null;
    const inGroup = sample.processGroup === agent.sample.processGroup;
    if (!inGroup && isShell(command.program)) {
      return {
        role: 'tool',
        confidence: 90,
        evidence: {
          kind: 'own-session',
          detail: 'A shell in a process group of its own, as Gemini CLI runs commands.',
        },
      };
    }
    if (isShell(command.program) && command.shellText === null) return null;
    return {
      role: 'server',
      confidence: inGroup ? 90 : 70,
      evidence: {
        kind: 'mcp-child',
        detail: 'Carries GEMINI_CLI and was started directly by the agent: an MCP server.',
      },
    };
  },
});
