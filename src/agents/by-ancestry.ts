import type { Attribution, Evidence } from '../model/index.ts';
import { definitionOf } from './agent-sessions.ts';
import { isShell } from './command.ts';
import type { ChildMatch } from './define-agent.ts';
import { isWrapper, type Node } from './tree.ts';

/** Programs that agents run for a moment and that are no server. */
const SHORT_TOOL = /^(?:git|gh|rg|ugrep|ps|pgrep|lsof|which|uname|xdg-open|security|fd|jq|curl|tar|make|cargo|go|tsc)$/;

/** A process with an owner above it: the nearest agent wins, whatever its environment says. Null: nothing above owns it. */
export function ownerByAncestry(node: Node): Attribution | null {
  if (node.launches !== null) return launcher(node, node.launches);
  const { parent } = node;
  const above = parent?.attribution;
  if (parent == null || above == null || above.role === 'other') return null;
  // A terminal or editor that an agent opened is the user's, and so is all that runs in it.
  if (node.own.host) return null;
  if (above.role === 'agent') return child(node, parent, above);
  if (above.serverHead !== null) return chainMember(node, parent, above);
  if (above.role === 'tool') {
    return owned(node, above, 'tool', Math.min(above.confidence, 95), [
      { kind: 'tool-tree', detail: `Runs below pid ${parent.row.sample.pid}, a tool of the agent.` },
    ]);
  }
  // Below a launcher, beside the agent itself.
  return owned(node, above, 'tool', 60, [
    { kind: 'launcher-child', detail: `A child of the agent's launcher, pid ${parent.row.sample.pid}.` },
  ]);
}

function launcher(node: Node, agent: Node): Attribution {
  const inner = agent.attribution;
  return {
    role: 'wrapper',
    client: inner?.client ?? definitionOf(node)?.name ?? null,
    agent: agent.key,
    sessionId: inner?.sessionId ?? null,
    agentId: inner?.agentId ?? null,
    serverName: null,
    serverHead: null,
    confidence: Math.min(inner?.confidence ?? 80, 95),
    evidence: [{ kind: 'launcher', detail: `Launched the agent, pid ${agent.row.sample.pid}, and waits for it.` }],
  };
}

/** A direct child of an agent. */
function child(node: Node, parent: Node, above: Attribution): Attribution {
  const match = childMatch(node, parent);
  const isServer = match.role === 'server';
  const role = isServer && isWrapper(node) ? 'wrapper' : match.role;
  const attribution = owned(node, above, role, match.confidence, [match.evidence]);
  return isServer ? { ...attribution, serverName: node.own.serverName, serverHead: node.key } : attribution;
}

function childMatch(node: Node, parent: Node): ChildMatch {
  const { own, row } = node;
  const match = own.agent?.match;
  if (match !== undefined && match.part !== 'agent') {
    return { role: match.part, confidence: Math.min(match.confidence, 95), evidence: match.evidence };
  }
  const special = definitionOf(parent)?.child(row, own.command, parent.row);
  if (special != null) return special;
  const says = (role: ChildMatch['role'], confidence: number, kind: string, detail: string): ChildMatch => ({
    role,
    confidence,
    evidence: { kind, detail },
  });
  if (own.saysMcp)
    return says('server', 88, 'mcp-name', `A direct child of the agent whose name says MCP: ${own.serverName}.`);
  if (own.wrapper?.kind === 'package-runner') {
    return says('server', 75, 'package-runner', 'The agent runs a package directly, as MCP servers are configured.');
  }
  if (SHORT_TOOL.test(own.command.program))
    return says('tool', 90, 'short-tool', `${own.command.program} is run for a moment.`);
  const detached = row.sample.processGroup !== parent.row.sample.processGroup;
  if (isShell(own.command.program)) {
    const text = own.command.shellText ?? '';
    const mcpText = /(?:^|[^a-z])mcp(?:[^a-z]|$)|modelcontextprotocol/i.test(text);
    if (mcpText && !detached)
      return says('server', 75, 'mcp-shell-line', 'A shell line that says MCP, in the group of the agent.');
    return says('tool', detached ? 85 : 60, 'shell-child', 'A shell that the agent started.');
  }
  return detached
    ? says('tool', 60, 'detached-child', 'A child in a process group of its own.')
    : says('server', 65, 'same-group-child', 'A lasting child in the process group of the agent, as MCP servers are.');
}

/** Inside the chain npx → sh → node: wrappers until the first program that is none; what that starts is part of it. */
function chainMember(node: Node, parent: Node, above: Attribution): Attribution {
  const wraps = above.role === 'wrapper' && isWrapper(node);
  const detail = wraps
    ? `Stands between pid ${parent.row.sample.pid} and the server.`
    : above.role === 'wrapper'
      ? `The server that its wrapper, pid ${parent.row.sample.pid}, started.`
      : `A child of the server, pid ${parent.row.sample.pid}.`;
  const attribution = owned(node, above, wraps ? 'wrapper' : 'server', above.confidence, [{ kind: 'chain', detail }]);
  return { ...attribution, serverName: above.serverName, serverHead: above.serverHead };
}

function owned(
  node: Node,
  above: Attribution,
  role: Attribution['role'],
  confidence: number,
  evidence: readonly Evidence[],
): Attribution {
  const environment = environmentEvidence(node, above);
  const bonus = environment?.kind === 'env-session-id' ? 3 : 0;
  return {
    role,
    client: above.client,
    agent: above.agent,
    sessionId: above.sessionId,
    agentId: above.agentId,
    serverName: null,
    serverHead: null,
    confidence: Math.min(99, confidence + bonus),
    evidence: [
      { kind: 'ancestor', detail: ancestorSentence(node, above) },
      ...evidence,
      ...(environment === null ? [] : [environment]),
    ],
  };
}

function ancestorSentence(node: Node, above: Attribution): string {
  if (above.agent === null) return 'Hangs together with processes of a session whose agent is gone.';
  for (let at = node.parent, depth = 0; at !== null && depth < 64; at = at.parent, depth++) {
    if (at.key === above.agent)
      return `The nearest agent above it is pid ${at.row.sample.pid} (${above.client ?? 'unknown client'}).`;
  }
  return `Belongs to the agent ${above.agent} (${above.client ?? 'unknown client'}).`;
}

function environmentEvidence(node: Node, above: Attribution): Evidence | null {
  const id = node.row.facts.env['CLAUDE_CODE_SESSION_ID'] ?? node.row.facts.env['CODEX_THREAD_ID'];
  if (id === undefined) return null;
  if (id === above.sessionId) return { kind: 'env-session-id', detail: 'Its environment names the same session.' };
  return {
    kind: 'env-overruled',
    detail: `Its environment names session ${id}, which is an outer or former one; the agent above it decides.`,
  };
}
