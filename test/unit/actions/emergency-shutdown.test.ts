import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeActing, type FakeActing, type FakeActingOptions } from '../../support/actions/fake-world.ts';
import type { ActionOrigin, ActionRequest } from '../../../src/model/index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-shutdown-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (options: Partial<FakeActingOptions> = {}): FakeActing =>
  createFakeActing({ auditPath: join(dir, 'actions.jsonl'), ...options });

const ask = (target: string, origin: ActionOrigin = 'user'): ActionRequest => ({
  action: 'emergency_shutdown',
  target,
  origin,
});

describe('emergency shutdown', () => {
  test('is off by default, and ends an agent before what hangs below it', async () => {
    const off = open();
    off.add(10, { attribution: { role: 'agent', sessionId: 's' } });
    expect((await off.runner.plan(ask('s'))).refusal?.code).toBe('not-allowed');
    const acting = open({ emergencyShutdown: true });
    acting.add(11, { ppid: 10, attribution: { sessionId: 's' } });
    acting.add(10, { attribution: { role: 'agent', sessionId: 's' } });
    acting.add(12, { ppid: 10, sessionLeader: 12, attribution: { role: 'other', sessionId: null } });
    acting.add(50, { attribution: { role: 'other', sessionId: null } });
    const { token } = await acting.runner.plan(ask('s'));
    await acting.runner.apply({ token: token ?? '' });
    expect(acting.host.signals).toMatchObject([
      { signal: 'SIGTERM', pid: 10 },
      { signal: 'SIGTERM', pid: 11 },
    ]);
    const stranger = await acting.runner.plan(ask('50'));
    expect(stranger.refusal?.code).toBe('not-enough-evidence');
  });

  test.each([
    ['emergencyShutdown', { user: null, agent: null, automation: 'Set actionTriggers.automaticShutdown to true.' }],
    [
      'automaticShutdown',
      {
        user: 'Set actionTriggers.emergencyShutdown to true.',
        agent: 'Set actionTriggers.emergencyShutdown to true.',
        automation: null,
      },
    ],
  ] as const)('%s allows these and no others', async (itsSwitch, refusals) => {
    const automation = {
      enabled: true,
      aggressiveness: 'aggressive',
      maxPerHour: 5,
      switchedOn: ['emergency_shutdown'],
    } as const;
    const acting = open({ [itsSwitch]: true, gate: { automation } });
    acting.add(10, { attribution: { role: 'agent', sessionId: 's' } });
    for (const origin of ['user', 'agent', 'automation'] as const) {
      const plan = await acting.runner.plan(ask('s', origin));
      expect([origin, plan.refusal?.hint ?? null]).toEqual([origin, refusals[origin]]);
    }
  });
});
