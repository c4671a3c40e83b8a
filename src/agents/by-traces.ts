import type { Attribution, Evidence, ProcessKey } from '../model/index.ts';
import { liveAgent, type AgentsBySession } from './agent-sessions.ts';
import { AGENTS } from './catalogue.ts';
import { claimsAbout, type ClaimsByPid } from './claims.ts';
import type { AttributionMemory } from './memory.ts';
import { hasEnded } from './row.ts';
import { isWrapper, underHost, type Node } from './tree.ts';

/** What can tell the owner of a process that has no owner above it. */
export interface Traces {
  readonly nodes: ReadonlyMap<ProcessKey, Node>;
  readonly bySession: AgentsBySession;
  readonly byPid: ClaimsByPid;
  readonly memory: AttributionMemory;
}

export function ownerWithoutAncestry(node: Node, traces: Traces): Attribution | null {
  if (node.own.host) return null;
  return (
    remembered(node, traces) ?? byEnvironment(node, traces) ?? byClaim(node, traces) ?? byMarker(node) ?? byName(node)
  );
}

/** It was seen as somebody's before its parent went away. */
function remembered(node: Node, { memory, nodes }: Traces): Attribution | null {
  const former = memory.recall(node.key);
  if (former === null || former.role === 'other' || former.role === 'agent') return null;
  const owner = former.agent ?? ownerInEvidence(former);
  if (owner === null && former.sessionId === null) return null;
  const agent = former.agent === null ? undefined : nodes.get(former.agent);
  const alive = agent !== undefined && !hasEnded(agent.row.sample);
  const detail = alive
    ? `Was seen as a child of its agent ${former.agent}, which still lives.`
    : `Was seen as a child of ${former.client ?? 'an agent'} (${owner ?? 'unknown'}) before that ended.`;
  return {
    ...former,
    agent: alive ? former.agent : null,
    serverHead:
      former.serverHead !== null && nodes.has(former.serverHead) ? former.serverHead : headAfterLoss(node, former),
    confidence: Math.min(95, former.confidence),
    evidence: [
      ...former.evidence.filter(({ kind }) => kind !== 'ancestor' && kind !== 'remembered'),
      { kind: 'remembered', detail },
    ],
  };
}

/** The head of its chain is gone: now it is the head itself. */
function headAfterLoss(node: Node, former: Attribution): ProcessKey | null {
  return former.serverHead === null ? null : node.key;
}

function ownerInEvidence(former: Attribution): string | null {
  const detail = former.evidence.find(({ kind }) => kind === 'remembered')?.detail;
  return /\((\d+:\d+)\)/.exec(detail ?? '')?.[1] ?? null;
}

/** Children keep their agent's id in the environment, also after its death. */
function byEnvironment(node: Node, traces: Traces): Attribution | null {
  const { env } = node.row.facts;
  for (const { name, title, sessionVariable } of AGENTS) {
    const id = sessionVariable === null ? undefined : env[sessionVariable];
    if (id === undefined || id === '') continue;
    // tmux, an editor or a login hands its first environment to everything in it; a shell on a terminal is the user's.
    if (underHost(node) || (node.own.interactiveShell && node.row.sample.tty !== 0)) return null;
    const agent = liveAgent(traces.bySession, id, node);
    const isTool = env['CLAUDE_CODE_CHILD_SESSION'] !== undefined || env['CLAUDE_PID'] !== undefined;
    const role = isTool ? 'tool' : isWrapper(node) ? 'wrapper' : 'server';
    const evidence: Evidence[] = [
      { kind: 'env-session-id', detail: `Its environment names the ${title} session ${id}.` },
      agent === null
        ? { kind: 'agent-gone', detail: 'No live agent of that session is old enough to have started it.' }
        : { kind: 'agent-alive', detail: `Its agent, pid ${agent.row.sample.pid}, lives but is no longer its parent.` },
    ];
    return {
      role,
      client: name,
      agent: agent?.key ?? null,
      sessionId: agent?.attribution?.sessionId ?? id,
      agentId: agent?.attribution?.agentId ?? null,
      serverName: isTool ? null : node.own.serverName,
      serverHead: isTool ? null : node.key,
      confidence: agent === null ? 85 : 90,
      evidence,
    };
  }
  return null;
}

/** A file on disk says whose it is (Claude-Flow's pid files, hive.db, the memory bank). */
function byClaim(node: Node, { byPid, bySession }: Traces): Attribution | null {
  const claim = claimsAbout(node.row, byPid).find((each) => each.role !== 'agent');
  if (claim === undefined) return null;
  const agent = claim.sessionId === null ? null : liveAgent(bySession, claim.sessionId, node);
  const isServer = claim.role === 'server' || node.own.agent?.match.part === 'server' || node.own.saysMcp;
  return {
    role: isServer ? 'server' : 'tool',
    client: claim.client,
    agent: agent?.key ?? null,
    sessionId: claim.sessionId,
    agentId: claim.agentId,
    serverName: isServer ? (claim.name ?? node.own.serverName) : null,
    serverHead: isServer ? node.key : null,
    confidence: claim.startTime === null ? 65 : 85,
    evidence: [{ kind: 'registry', detail: `${claim.path} names this pid.` }],
  };
}

/** A client that hands down no session id, only a mark: which client it was is known, which session is not. */
function byMarker(node: Node): Attribution | null {
  const { own, row } = node;
  const client = AGENTS.find(({ marker }) => marker !== null && row.facts.env[marker] !== undefined);
  if (client === undefined || underHost(node) || (own.interactiveShell && row.sample.tty !== 0)) return null;
  const isServer = own.saysMcp || own.wrapper?.kind === 'package-runner';
  return {
    role: !isServer ? 'tool' : isWrapper(node) ? 'wrapper' : 'server',
    client: client.name,
    agent: null,
    sessionId: null,
    agentId: null,
    serverName: isServer ? own.serverName : null,
    serverHead: isServer ? node.key : null,
    confidence: 60,
    evidence: [
      { kind: 'env-marker', detail: `Its environment has the mark of ${client.title}, which names no session.` },
    ],
  };
}

/** Nobody is known, but it says of itself that it is an MCP server. */
function byName(node: Node): Attribution | null {
  const { own } = node;
  const isServer = own.agent?.match.part === 'server';
  if (!isServer && !own.saysMcp) return null;
  return {
    role: isWrapper(node) && !isServer ? 'wrapper' : 'server',
    client: isServer ? (own.agent?.definition.name ?? null) : null,
    agent: null,
    sessionId: null,
    agentId: null,
    serverName: own.serverName,
    serverHead: node.key,
    confidence: isServer ? 70 : 55,
    evidence: [{ kind: 'mcp-name', detail: `Its own name says that it is an MCP server: ${own.serverName}.` }],
  };
}
