import { describe, expect, test } from 'vitest';
import { attribute, AttributionMemory } from '../../../src/agents/index.ts';
import type { ProcessKey, RegistryClaim } from '../../../src/model/index.ts';
import { claude, look, inGroup } from '../../support/swarm/look.ts';
import { row, rowsOf, type Row } from '../../support/swarm/rows.ts';

describe('one look after the other', () => {
  test('nothing changed: the same answer comes back, whatever the samples count', () => {
    const rows = rowsOf(claude(10), { pid: 20, ppid: 10, argv: ['node', 'a-mcp.js'], ...inGroup(10) });
    const claims: RegistryClaim[] = [];
    const memory = new AttributionMemory();
    const first = attribute(rows, claims, memory);
    const counted = new Map(
      [...rows].map(([key, each]) => [key, { ...each, sample: { ...each.sample, cpuMs: 9, rssBytes: 1 } }]),
    );
    expect(attribute(counted, claims, memory)).toBe(first);
  });

  test.each([
    ['a new process', (rows: Map<ProcessKey, Row>) => void rows.set('30:30', row({ pid: 30, ppid: 20 }))],
    ['an exit', (rows: Map<ProcessKey, Row>) => void rows.delete('20:20')],
    [
      'an exec',
      (rows: Map<ProcessKey, Row>) =>
        void rows.set('20:20', row({ pid: 20, ppid: 10, argv: ['sleep', '1'], ...inGroup(10) })),
    ],
    [
      'a new parent',
      (rows: Map<ProcessKey, Row>) =>
        void rows.set('20:20', { ...rows.get('20:20')!, sample: { ...rows.get('20:20')!.sample, ppid: 1 } }),
    ],
  ])('%s is seen', (_what, change) => {
    const rows = rowsOf(claude(10), { pid: 20, ppid: 10, argv: ['node', 'a-mcp.js'], ...inGroup(10) });
    const memory = new AttributionMemory();
    const claims: RegistryClaim[] = [];
    const first = attribute(rows, claims, memory);
    change(rows);
    expect(attribute(rows, claims, memory)).not.toBe(first);
  });

  test('parents that form a circle end', () => {
    const of = look([
      { pid: 20, ppid: 21, startTime: 5, argv: ['node', 'a-mcp.js'] },
      { pid: 21, ppid: 20, startTime: 5 },
    ]);
    expect(of(20).role).toBe('server');
  });
});
