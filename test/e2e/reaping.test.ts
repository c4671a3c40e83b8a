import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/model/index.ts';
import { isGone, newClient, plantCases, type Case } from '../support/actions/cases.ts';
import { openRealActing, type RealActing } from '../support/actions/real-acting.ts';
import { createSwarm, type Swarm } from '../support/swarm/swarm.ts';

const DEAD = '33333333-3333-4333-8333-333333333333';
const LIVE = '44444444-4444-4444-8444-444444444444';
const hasPython = spawnSync('python3', ['-V'], { stdio: 'ignore' }).error === undefined;

/** The whole of it, two hundred cases in a pid namespace, is `npm run bench -- reaping`. */
describe.runIf(process.platform === 'linux')('reaping what a dead agent left, among what somebody wants', () => {
  let swarm: Swarm;
  let acting: RealActing;
  let cases: Case[];
  const outcomes: Outcome[] = [];

  beforeAll(async () => {
    swarm = createSwarm();
    acting = await openRealActing({ config: { 'actions.graceMs': 1_000 } });
    const [doomed, live] = [await swarm.startAgent(DEAD), await swarm.startAgent(LIVE)];
    cases = await plantCases(swarm, doomed, live, 2);
    const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: DEAD };
    const python = hasPython ? swarm.startPython() : null;
    if (python !== null) {
      const command = [swarm.mcpBinary, '200'];
      cases.push(newClient('orphan with a new client', await python.start({ mode: 'piped', command, env })));
      const shared = await python.start({ mode: 'shared', command, env });
      cases.push({ kind: 'server shared by two clients', wanted: 'alive', pids: [shared] });
    }
    await acting.engine.lookNow();
    await doomed.kill();
    await python?.kill();
    await acting.engine.lookNow();
    const plans = [];
    for (const target of ['orphans', 'duplicates']) {
      plans.push(await acting.planAction({ action: 'reap', target, origin: 'user', callerPid: process.pid }));
    }
    for (const { between } of cases) await between?.();
    // What changes does so within a moment of its own.
    await delay(200);
    for (const { token } of plans) if (token !== null) outcomes.push(await acting.applyAction({ token }));
  });

  afterAll(async () => {
    await acting.close();
    await swarm.end();
  });

  test('no wrong kill', () => {
    const wrong = cases.filter(({ wanted, pids }) => wanted === 'alive' && pids.some(isGone));
    expect(wrong.map(({ kind }) => kind)).toEqual([]);
  });

  test('all true orphans gone, with their wrappers and what hung below them', () => {
    const left = cases.flatMap(({ kind, wanted, pids }) =>
      wanted === 'gone' ? pids.filter((pid) => !isGone(pid)).map((pid) => `${kind} ${pid}`) : [],
    );
    expect(left).toEqual([]);
  });

  test('says what it did, with figures, and why it left the rest', async () => {
    const [orphans, duplicates] = outcomes;
    expect(orphans).toMatchObject({ result: 'helped', finding: 'orphan' });
    expect(orphans?.reclaimedBytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(duplicates?.targets.every(({ done }) => done)).toBe(true);
    const reasons = orphans?.targets.flatMap(({ refusal }) => refusal?.code ?? []) ?? [];
    expect(reasons).toEqual(expect.arrayContaining(['has-client', 'not-enough-evidence']));
    // Every signal that was sent has a line; nothing that lives got one.
    const { entries } = await acting.audit({ limit: 1000 });
    const signalled = new Set(entries.filter(({ event }) => event === 'signal').map(({ process }) => process));
    const alive = cases.filter(({ wanted }) => wanted === 'alive').flatMap(({ pids }) => pids);
    expect([...signalled].filter((key) => alive.includes(Number(key?.split(':')[0])))).toEqual([]);
    expect(signalled.size).toBeGreaterThan(10);
  });

  test('a second round finds nothing more to do', async () => {
    const plan = await acting.planAction({ action: 'reap', target: 'duplicates', origin: 'user' });
    expect(plan).toMatchObject({ token: null, refusal: { code: 'nothing-to-do' } });
  });
});
