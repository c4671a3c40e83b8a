import { defineAgent, type AgentDefinition } from './define-agent.ts';

/**
 * Agents that need no file of their own: one row each. `path` is matched against the executable and the script;
 * names that other programs share (goose is also a database tool) need more than the name.
 */
const TABLE: readonly {
  readonly name: string;
  readonly title: string;
  readonly path: RegExp;
  readonly command?: ReadonlySet<string>;
  readonly marker?: string;
}[] = [
  {
    name: 'opencode',
    title: 'OpenCode',
    path: /\/opencode-ai\/|\/opencode(?:-[\w-]+)?\/bin\/|\/opencode$/,
    marker: 'OPENCODE',
  },
  { name: 'cursor-agent', title: 'Cursor CLI', path: /\/cursor-agent(?:\/|$)/, marker: 'CURSOR_AGENT' },
  { name: 'aider', title: 'Aider', path: /(?:^|\/)aider$/ },
  { name: 'goose', title: 'Goose', path: /\/goose$/, command: new Set(['session', 'run', 'web', 'acp', 'serve']) },
  { name: 'amp', title: 'Amp', path: /\/@sourcegraph\/amp\// },
  { name: 'copilot', title: 'GitHub Copilot CLI', path: /\/@github\/copilot(?:-[\w-]+)?\// },
  { name: 'qwen-code', title: 'Qwen Code', path: /\/@qwen-code\/qwen-code\// },
  { name: 'crush', title: 'Crush', path: /\/@charmland\/crush|\/crush$/ },
  { name: 'auggie', title: 'Auggie', path: /\/@augmentcode\/auggie\// },
  { name: 'droid', title: 'Factory Droid', path: /\/\.(?:local|factory)\/bin\/droid$/ },
  { name: 'cline', title: 'Cline CLI', path: /\/node_modules\/cline\// },
];

export const genericAgents: readonly AgentDefinition[] = TABLE.map((row) =>
  defineAgent({
    name: row.name,
    title: row.title,
    sessionVariable: null,
    marker: row.marker ?? null,
    matches(_facts, command) {
      const where = [command.exe.replace(/ \(deleted\)$/, ''), command.script ?? ''].find((path) =>
        row.path.test(path),
      );
      if (where === undefined) return null;
      const [first] = command.rest;
      if (row.command !== undefined && !(first !== undefined && row.command.has(first))) return null;
      const evidence = { kind: 'executable', detail: `Its program is ${row.title}'s.` };
      // `goose mcp X`, `opencode mcp …`: the agent's binary as an MCP server.
      if (first === 'mcp') return { part: 'server', confidence: 80, evidence };
      return { part: 'agent', mayLaunch: true, confidence: 85, evidence };
    },
    child: () => null,
  }),
);
