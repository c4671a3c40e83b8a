import type { Death, Role } from '../model/index.ts';
import { killerTitle } from './judge.ts';

const ROLES: Readonly<Record<Role, string>> = {
  agent: 'An agent',
  server: 'An MCP server',
  wrapper: 'A wrapper of a server',
  tool: 'A command that an agent ran',
  other: 'A process',
};

type Told = Pick<
  Death,
  'role' | 'process' | 'killer' | 'confidence' | 'exitCode' | 'signal' | 'companions' | 'alternatives'
>;

/** 'An MCP server (pid 4242) was ended by the kernel's out-of-memory killer (SIGKILL; 98 % sure).' No untrusted text. */
export function deathSummary({
  role,
  process,
  killer,
  confidence,
  exitCode,
  signal,
  companions,
  alternatives,
}: Told): string {
  const who = `${ROLES[role]} (pid ${process.pid})`;
  const how = signal ?? (exitCode === null ? null : `code ${exitCode}`);
  const sure = `${how === null ? '' : `${how}; `}${confidence} % sure`;
  const next = alternatives[0];
  const or = next === undefined ? '' : ` Else ${killerTitle(next.killer)} (${next.confidence} %).`;
  const others = companions.length === 0 ? '' : ` ${companions.length} of its processes ended with it.`;
  return `${sentence(who, killer, sure)}${or}${others}`;
}

function sentence(who: string, killer: Death['killer'], sure: string): string {
  if (killer === 'unknown') return `${who} ended; by whom is not known (${sure}).`;
  if (killer === 'exit') return `${who} left by itself (${sure}).`;
  if (killer === 'crash') return `${who} crashed (${sure}).`;
  return `${who} was ended by ${killerTitle(killer)} (${sure}).`;
}

/** Of a list: 'No death is remembered.' / '3 deaths are remembered; the newest: …'. */
export function listSummary(deaths: readonly Death[], total: number, target: string | undefined): string {
  const [newest] = deaths;
  if (newest === undefined) return target === undefined ? 'No death is remembered.' : 'Nothing is remembered of that.';
  if (total === 1) return newest.summary;
  return `${total} deaths are remembered; the newest: ${newest.summary}`;
}
