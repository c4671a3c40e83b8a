import type { Attribution, Evidence, RegistryClaim } from '../model/index.ts';
import { claimsAbout, type ClaimsByPid } from './claims.ts';
import type { AgentDefinition, AgentMatch } from './define-agent.ts';
import { syntheticSessionId } from './session-id.ts';
import { hasEnded } from './row.ts';
import type { Node } from './tree.ts';

interface SessionId {
  readonly id: string;
  /** How sure the id is, 0–100. */
  readonly confidence: number;
  readonly evidence: Evidence;
}

/**
 * Where an agent's own session id can be read; the surest that is there counts. Its own environment is not among them:
 * what stands there was handed down by whoever started it, so it is the id of an outer session.
 */
function sessionIdOf(
  node: Node,
  claims: readonly RegistryClaim[],
  match: AgentMatch | null,
  former: Attribution | null,
): SessionId {
  const found: SessionId[] = [];
  const add = (id: string | null | undefined, confidence: number, kind: string, detail: string): void => {
    if (id != null && id !== '') found.push({ id, confidence, evidence: { kind, detail } });
  };
  const claim = claims.find((each) => each.sessionId !== null && each.role !== 'server');
  add(
    match?.parentSessionId,
    99,
    'argv-parent-session',
    'A teammate: --parent-session-id names the session it works for.',
  );
  if (claim !== undefined) {
    const how = claim.startTime === null ? 'which was written after this process started' : 'and its start time agrees';
    add(claim.sessionId, claimConfidence(claim), 'registry', `${claim.path} names this pid, ${how}.`);
  }
  add(node.childSession?.id, 95, 'child-env', 'Its children carry this session id in their environment.');
  add(match?.sessionId, 92, 'argv-session', 'Its command line names the session.');
  if (former?.role === 'agent' && former.sessionId !== syntheticSessionId(clientOf(node), node.key)) {
    add(former.sessionId, 90, 'remembered', 'The session id was seen before.');
  }
  add(
    syntheticSessionId(clientOf(node), node.key),
    50,
    'synthetic-session',
    'No session id is known, so the process itself names the session.',
  );
  return found.reduce((best, each) => (each.confidence > best.confidence ? each : best));
}

/** What a file is worth: with a start time it names this process and no other; agents may write what they like. */
function claimConfidence(claim: RegistryClaim): number {
  if (claim.kind === 'memory-bank') return 60;
  return claim.startTime === null ? 85 : 98;
}

function clientOf(node: Node): string {
  return node.own.agent?.definition.name ?? 'agent';
}

/** The definition behind an agent, or null for one that only a file on disk calls an agent. */
export function definitionOf(node: Node): AgentDefinition | null {
  return node.own.agent?.definition ?? null;
}

/** Files whose pids are agents, also where they do not say so. */
const NAMES_AGENTS = new Set(['memory-bank', 'claude-flow-daemon']);

/** Whether a valid claim makes an otherwise unknown process an agent. Terminals, editors and init never become one. */
function claimedAgent(node: Node, claims: readonly RegistryClaim[]): RegistryClaim | null {
  if (node.own.host || node.own.interactiveShell || node.row.sample.pid === 1) return null;
  return claims.find(({ role, kind }) => role === 'agent' || (role === null && NAMES_AGENTS.has(kind))) ?? null;
}

/** Attribution of a process that is an agent itself; null when it is none. */
export function attributeAgent(node: Node, byPid: ClaimsByPid, former: Attribution | null): Attribution | null {
  const recognised = node.own.agent?.match.part === 'agent' ? node.own.agent : null;
  const claims = claimsAbout(node.row, byPid);
  const claim = recognised === null ? claimedAgent(node, claims) : null;
  if (recognised === null && claim === null) return null;
  // A file may call any child of an agent "agent"; what the tree shows outranks it (see attribute.ts).
  if (claim?.kind === 'memory-bank' && node.parent !== null && hasAgentAbove(node)) return null;

  const session = sessionIdOf(node, claims, recognised?.match ?? null, former);
  const named = claims.find((each) => each.agentId !== null);
  const outer = outerSession(node, session.id);
  const evidence: Evidence[] = [];
  if (recognised !== null) evidence.push(recognised.match.evidence);
  if (claim !== null) evidence.push({ kind: 'registry', detail: `${claim.path} calls this pid an agent.` });
  evidence.push(session.evidence);
  if (outer !== null) evidence.push(outer);
  return {
    role: 'agent',
    client: recognised?.definition.name ?? claim?.client ?? null,
    agent: hasEnded(node.row.sample) ? null : node.key,
    sessionId: session.id,
    agentId: recognised?.match.agentId ?? named?.agentId ?? null,
    serverName: null,
    serverHead: null,
    // An id made from the process is as sure as the process; one that a file made up is not.
    confidence: Math.min(
      recognised?.match.confidence ?? (claim?.kind === 'memory-bank' ? 60 : 80),
      session.evidence.kind === 'synthetic-session' ? 90 : session.confidence,
    ),
    evidence,
  };
}

function hasAgentAbove(node: Node): boolean {
  for (let at = node.parent, depth = 0; at !== null && depth < 64; at = at.parent, depth++) {
    if (at.own.agent?.match.part === 'agent') return true;
  }
  return false;
}

function outerSession(node: Node, ownId: string): Evidence | null {
  const variable = node.own.agent?.definition.sessionVariable;
  const inherited = variable == null ? undefined : node.row.facts.env[variable];
  if (inherited === undefined || inherited === ownId) return null;
  return {
    kind: 'env-outer-session',
    detail: `Its environment names session ${inherited}: it was started from inside that one, and runs its own.`,
  };
}

/** Live agents by session id. One id can have several: a session and its teammates. */
export type AgentsBySession = ReadonlyMap<string, readonly Node[]>;

export function indexSessions(agents: Iterable<Node>): AgentsBySession {
  const bySession = new Map<string, Node[]>();
  for (const node of agents) {
    // Also under the id that its children carry: a teammate is filed under its parent's session, its children are not.
    const ids = new Set([node.attribution?.sessionId, node.childSession?.id]);
    for (const id of ids) {
      if (id == null) continue;
      const list = bySession.get(id);
      if (list === undefined) bySession.set(id, [node]);
      else list.push(node);
    }
  }
  return bySession;
}

/** The live agent of a session that can have started this process: an agent younger than its "child" cannot. */
export function liveAgent(bySession: AgentsBySession, sessionId: string, child: Node): Node | null {
  const able = bySession.get(sessionId)?.filter((agent) => agent.row.sample.startTime <= child.row.sample.startTime);
  return able?.[0] ?? null;
}
