import type { Attribution, ProcessKey, RegistryClaim } from '../model/index.ts';
import { attributeAgent, indexSessions } from './agent-sessions.ts';
import { claimsAbout, indexClaims } from './claims.ts';
import type { AttributionMemory } from './memory.ts';
import { ownerByAncestry } from './by-ancestry.ts';
import { ownerWithoutAncestry, type Traces } from './by-traces.ts';
import { hasEnded, type ProcessRows } from './row.ts';
import { buildTree, linkAgents, type Node } from './tree.ts';

const OTHER: Attribution = {
  role: 'other',
  client: null,
  agent: null,
  sessionId: null,
  agentId: null,
  serverName: null,
  serverHead: null,
  confidence: 100,
  evidence: [],
};

/**
 * Whose each process is. Agents are found first, then everything else from its nearest agent above; what has none above
 * is looked for in what was remembered, in the environment, in files on disk, and in its own name, in that order.
 *
 * Pass the same `facts` objects and the same `claims` array while nothing changed: then the last answer comes back after
 * one comparison per process. Otherwise O(processes): recognition runs only for what is new, the tree is walked once.
 */
export function attribute(
  rows: ProcessRows,
  claims: readonly RegistryClaim[],
  memory: AttributionMemory,
): ReadonlyMap<ProcessKey, Attribution> {
  const unchanged = memory.unchanged(rows, claims);
  if (unchanged !== null) return unchanged;

  const nodes = buildTree(rows, (key, row) => memory.kindOf(key, row));
  linkAgents([...nodes.values()]);
  const byPid = indexClaims(claims);
  const agents: Node[] = [];
  for (const node of nodes.values()) {
    if (node.launches !== null) continue;
    node.attribution = attributeAgent(node, byPid, memory.recall(node.key));
    if (node.attribution !== null && !hasEnded(node.row.sample)) agents.push(node);
  }
  const traces: Traces = { nodes, bySession: indexSessions(agents), byPid, memory };
  const answer = new Map<ProcessKey, Attribution>();
  for (const node of nodes.values()) answer.set(node.key, resolve(node, traces));
  memory.remember(answer, claims);
  return answer;
}

function resolve(node: Node, traces: Traces): Attribution {
  if (node.attribution !== null) return node.attribution;
  // A loop of parents cannot be; samples taken one after the other can show one for a moment.
  if (node.visiting) return OTHER;
  node.visiting = true;
  if (node.parent !== null) resolve(node.parent, traces);
  node.attribution = withClaimedId(node, ownerByAncestry(node) ?? ownerWithoutAncestry(node, traces) ?? OTHER, traces);
  node.visiting = false;
  return node.attribution;
}

/** A file may say which sub-agent a process of a session works for; whose session it is, the tree says. */
function withClaimedId(node: Node, attribution: Attribution, { byPid }: Traces): Attribution {
  if (attribution.role === 'other' || attribution.agentId !== null) return attribution;
  const claim = claimsAbout(node.row, byPid).find(({ agentId }) => agentId !== null);
  if (claim === undefined) return attribution;
  const evidence = { kind: 'registry', detail: `${claim.path} names this pid as that of ${claim.agentId ?? ''}.` };
  return { ...attribution, agentId: claim.agentId, evidence: [...attribution.evidence, evidence] };
}
