import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attribute, AttributionMemory } from '../../../src/agents/index.ts';
import { claude, CODEX, inGroup, mcpEnv, OUTER, toolEnv } from '../../support/swarm/look.ts';
import { claim, rowsOf, signs, type Described } from '../../support/swarm/rows.ts';
import { watch } from '../../support/swarm/watch.ts';

/** What a pid may be in one life. */
const KINDS = {
  agent: (pid: number) => claude(pid),
  codex: (pid: number) => ({ pid, argv: [CODEX] }),
  orphan: (pid: number) => ({ pid, ppid: 1, argv: ['node', '/x/foo-mcp.js'], env: mcpEnv(OUTER) }),
  server: (pid: number, agent: number) => ({ pid, ppid: agent, argv: ['node', '/x/bar-mcp.js'], ...inGroup(agent) }),
  tool: (pid: number, agent: number) => ({ pid, ppid: agent, argv: ['bash', '-c', 'x'], env: toolEnv(OUTER, agent) }),
  stranger: (pid: number) => ({ pid, ppid: 1, argv: ['/usr/sbin/thing'] }),
} satisfies Record<string, (pid: number, agent: number) => Described>;

const PIDS = [10, 11, 12, 13, 14, 15];
const life = fc.array(fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])), {
  minLength: PIDS.length,
  maxLength: PIDS.length,
});

/** One life of all pids; in a later one every process is younger than in the one before. */
function processes(kinds: readonly (keyof typeof KINDS)[], generation: number): Described[] {
  const born = (pid: number) => generation * 1000 + pid;
  const described = kinds.map((kind, i) => {
    const pid = PIDS[i] ?? 0;
    return { ...KINDS[kind](pid, PIDS[0] ?? 0), startTime: born(pid) };
  });
  return [{ pid: 1, ppid: 0, argv: ['/sbin/init'] }, ...described];
}

test('whoever had the pid before leaves no trace: 100 pairs of lives', () => {
  fc.assert(
    fc.property(life, life, (before, after) => {
      const old = claim({ pid: 10, startTime: 1010, sessionId: OUTER, role: 'agent', status: 'completed' });
      const claims = [old];
      const memory = new AttributionMemory();
      attribute(rowsOf(...processes(before, 1)), claims, memory);
      const reused = attribute(rowsOf(...processes(after, 2)), claims, memory);
      const fresh = attribute(rowsOf(...processes(after, 2)), claims, new AttributionMemory());
      expect([...reused]).toEqual([...fresh]);

      const dead = Object.fromEntries(PIDS.map((pid) => [pid, signs('dead')]));
      const swarm = watch();
      for (let i = 0; i < 3; i++) swarm.look(processes(before, 1), dead, claims);
      swarm.look(processes(after, 2), dead, claims);
      const unaware = watch().look(processes(after, 2), dead, claims);
      for (const pid of PIDS) {
        const { verdict, evidence } = unaware.verdict(pid, 2000 + pid);
        expect(swarm.verdict(pid, 2000 + pid)).toMatchObject({ verdict, evidence });
        expect(verdict).not.toBe('orphan');
        expect(swarm.verdict(pid, 1000 + pid).evidence).toEqual([{ kind: 'new', detail: 'Not looked at yet.' }]);
      }
    }),
    { numRuns: 100 },
  );
});
