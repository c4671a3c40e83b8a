import { baseName, isShell } from './command.ts';
import { defineAgent } from './define-agent.ts';

const NATIVE = /\/@openai\/codex[^/]*\/|\/app-server-daemon\/releases\//;
const LAUNCHER = /\/@openai\/codex\/bin\/codex\.js$|\/codex$/;

/** `node codex.js` starts the Rust `codex`, which starts MCP servers in process groups of their own, environment stripped. */
export const codex = defineAgent({
  name: 'codex',
  title: 'Codex',
  sessionVariable: 'CODEX_THREAD_ID',
  marker: 'CODEX_THREAD_ID',

  matches(facts, command) {
    const launcher = command.script !== null && LAUNCHER.test(command.script);
    if (!launcher && command.program !== 'codex') return null;
    const certain = launcher || NATIVE.test(command.exe);
    const identity = {
      confidence: certain ? 97 : 80,
      evidence: {
        kind: 'executable',
        detail: launcher
          ? 'Runs codex.js of the npm package @openai/codex.'
          : certain
            ? "Its executable is Codex's native build."
            : 'Its executable is called codex.',
      },
    };
    if (launcher) return { part: 'agent', mayLaunch: true, ...identity };
    const [first, second] = command.rest;
    if (command.calledAs !== 'codex' || first === 'sandbox' || first === 'debug') return { part: 'tool', ...identity };
    if (first === 'mcp-server') return { part: 'server', ...identity };
    // Keeps the shared app server current; it runs no session.
    if (first === 'app-server' && second === 'daemon') return { part: 'tool', ...identity };
    return { part: 'agent', ...identity };
  },

  child({ sample, facts }, command, agent) {
    const isTool =
      facts.env['CODEX_THREAD_ID'] !== undefined ||
      facts.env['CODEX_SANDBOX'] !== undefined ||
      (isShell(command.program) && facts.argv.some((argument) => /^-l?c$/.test(argument) && argument.includes('l')));
    if (isTool) {
      return {
        role: 'tool',
        confidence: 90,
        evidence: { kind: 'codex-tool', detail: `A ${baseName(command.program)} started the way Codex runs commands.` },
      };
    }
    if (sample.processGroup === agent.sample.processGroup) return null;
    return {
      role: 'server',
      confidence: isShell(command.program) ? 70 : 88,
      evidence: {
        kind: 'mcp-child',
        detail: 'A direct child in a process group of its own, as Codex starts MCP servers.',
      },
    };
  },
});
