import { attribute, AttributionMemory, createLifecycle, needsLifeSigns } from '../../../src/agents/index.ts';
import type { LifeSigns, ProcessKey, RegistryClaim } from '../../../src/model/index.ts';
import { BOOT_MS, rowsOf, type Described } from './rows.ts';

export const CLAUDE_EXE = '/opt/node_modules/@anthropic-ai/claude-code-linux-x64/claude';
export const SESSION = '11111111-1111-4111-8111-111111111111';
const STEP_MS = 10_000;
export const mcpEnv = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: SESSION };
export const toolEnv = { ...mcpEnv, CLAUDE_CODE_CHILD_SESSION: '1', CLAUDE_PID: '10' };
export const init: Described = { pid: 1, ppid: 0, argv: ['/sbin/init'] };
export const agent: Described = { pid: 10, argv: [CLAUDE_EXE], tty: 34_816 };
export const server = (given: Partial<Described> = {}): Described => ({
  pid: 20,
  ppid: 1,
  argv: ['node', '/x/foo-mcp/index.js'],
  env: mcpEnv,
  processGroup: 10,
  sessionLeader: 10,
  ...given,
});

export type Signs = Readonly<Record<number, LifeSigns | null>>;

/** A machine that is looked at every 10 s. */
export function watch(options: Parameters<typeof createLifecycle>[0] = {}) {
  const memory = new AttributionMemory();
  const lifecycle = createLifecycle(options);
  let atMs = BOOT_MS + 1_000_000;
  return {
    look(described: readonly Described[], given: Signs = {}, claims: readonly RegistryClaim[] = [], stepMs = STEP_MS) {
      atMs += stepMs;
      const rows = rowsOf(...described);
      const answer = attribute(rows, claims, memory);
      const observed = new Map(
        [...rows].map(([key, each]) => {
          const attribution = answer.get(key);
          if (attribution === undefined) throw new Error(`no attribution for ${key}`);
          const read = given[each.sample.pid] ?? null;
          return [key, { ...each, attribution, signs: needsLifeSigns(attribution) ? read : null }] as const;
        }),
      );
      lifecycle.observe(atMs, observed, claims);
      return this;
    },
    verdict(pid: number, startTime = pid) {
      const key: ProcessKey = `${pid}:${startTime}`;
      return lifecycle.verdict(key);
    },
  };
}

export const kinds = (verdict: { evidence: readonly { kind: string }[] }) => verdict.evidence.map(({ kind }) => kind);
