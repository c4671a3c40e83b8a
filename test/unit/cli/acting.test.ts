import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/faces/cli/index.ts';
import type {
  ActionOrder,
  ActionPlan,
  ActionRequest,
  Outcome,
  PlannedTarget,
  Rampart,
  Refusal,
} from '../../../src/model/index.ts';
import { capture, fakeDeps, fakeRampart } from '../../support/cli/fake.ts';

const MIB = 1024 * 1024;

const target = (pid: number, refusal: Refusal | null = null): PlannedTarget => ({
  process: { id: `${pid}:${pid * 10}`, pid, startTime: pid * 10 },
  name: `server-${pid}\u001b[31m`,
  role: 'server',
  sessionId: 's',
  verdict: 'orphan',
  footprintBytes: 40 * MIB,
  steps: refusal === null ? ['Send SIGTERM.', 'Wait.'] : [],
  evidence: [{ kind: 'stdin-peer-dead', detail: 'Nobody holds its stdin.' }],
  refusal,
});

const plan = (over: Partial<ActionPlan> = {}): ActionPlan => ({
  schemaVersion: 1,
  atMs: 1,
  action: 'reap',
  risk: 'high',
  reversible: false,
  targets: [target(10), target(11, { code: 'protected', reason: 'It is protected.', hint: 'See actions.protect.' })],
  refusal: null,
  expected: { bytes: null, lowBytes: null, highBytes: null, confidence: null, basedOn: 0, reason: '' },
  token: 'token',
  expiresAtMs: 2,
  confirm: 'ask',
  summary: 'reap: 1 process of together 40.0 MiB. Nothing was touched yet.',
  ...over,
});

const outcome = (done: boolean, over: Partial<Outcome> = {}): Outcome => ({
  id: '12345678-abcd',
  action: 'reap',
  origin: 'user',
  risk: 'high',
  role: 'x',
  finding: 'orphan',
  startedAtMs: 1,
  endedAtMs: 2,
  settledAfterMs: 1,
  before: null,
  after: null,
  reclaimedBytes: 1,
  counterfactualBytes: null,
  errorBytes: null,
  result: 'helped',
  targets: [
    {
      process: target(10).process,
      done,
      refusal: done ? null : { code: 'has-client', reason: 'It has a client.', hint: 'Plan anew.' },
      detail: done ? 'Ended on SIGTERM.' : 'It has a client.',
      heap: null,
    },
  ],
  undo: { possible: false, reason: '' },
  error: null,
  summary: 'reap: done.',
  ...over,
});

const NOTHING = { code: 'nothing-to-do', reason: 'Nothing of that kind is there.', hint: '' } as const;

async function run(args: readonly string[], planned: ActionPlan, came = outcome(true)) {
  const requests: ActionRequest[] = [];
  const orders: ActionOrder[] = [];
  const part: Partial<Rampart> = {
    planAction: async (request) => {
      requests.push(request);
      return planned;
    },
    applyAction: async (order) => {
      orders.push(order);
      return came;
    },
    undoAction: async () => came,
    audit: async () => ({
      schemaVersion: 1,
      atMs: 1,
      entries: [
        {
          atMs: 0,
          id: '12345678-abcd',
          event: 'signal',
          action: 'reap',
          origin: 'agent',
          process: '10:100',
          detail: 'SIGTERM: orphan',
        },
      ],
      more: 3,
      torn: 1,
    }),
  };
  const streams = capture();
  const rampart = fakeRampart(part);
  const code = await runCli(args, fakeDeps({ ensureService: async () => rampart }), streams);
  return { code, out: streams.out(), err: streams.err(), requests, orders, closed: rampart.closed };
}

describe('rampart cleanup', () => {
  test('shows and does nothing without --yes', async () => {
    const { code, out, requests, orders, closed } = await run(['cleanup'], plan());
    expect(code).toBe(0);
    expect(orders).toEqual([]);
    expect(requests.map((request) => request.target)).toEqual(['orphans', 'duplicates']);
    expect(requests[0]).toMatchObject({ action: 'reap', origin: 'user', callerPid: process.pid });
    for (const text of [
      'Send SIGTERM.',
      'Nobody holds its stdin.',
      'It is protected.',
      '10:100',
      'rampart cleanup --yes',
    ]) {
      expect(out).toContain(text);
    }
    expect(out).not.toContain('\u001b');
    expect(closed).toBe(1);
  });

  test('does it with --yes, by the token of the plan', async () => {
    const { code, out, orders, requests } = await run(
      ['cleanup', '--yes', '--only', 'orphans', '--grace', '2s'],
      plan(),
    );
    expect(code).toBe(0);
    expect(orders).toEqual([{ token: 'token' }]);
    expect(requests[0]?.parameters).toEqual({ graceMs: 2000 });
    expect(out).toContain('Ended on SIGTERM.');
  });

  test.each([
    ['nothing is there', plan({ token: null, refusal: NOTHING, targets: [] }), outcome(true), 0],
    [
      'it is refused',
      plan({ token: null, refusal: { code: 'not-allowed', reason: 'No.', hint: 'x' }, targets: [] }),
      outcome(true),
      77,
    ],
    ['it is refused at the last moment', plan(), outcome(false, { result: 'refused', targets: [] }), 77],
    ['something was left', plan(), outcome(false), 1],
    ['the log was full', plan(), outcome(true, { error: { code: 'io', message: 'm', hint: 'h' } }), 1],
  ])('exit code when %s', async (_, planned, came, expected) => {
    expect((await run(['cleanup', '--yes', '--only', 'orphans'], planned, came)).code).toBe(expected);
  });

  test('prints one document with --json', async () => {
    const { out } = await run(['cleanup', '--yes', '--json'], plan());
    const said = JSON.parse(out) as { schemaVersion: number; plans: unknown[]; outcomes: unknown[] };
    expect(said).toMatchObject({ schemaVersion: 1, plans: [{}, {}], outcomes: [{ result: 'helped' }, {}] });
  });

  test('refuses a group that does not exist', async () => {
    expect(await run(['cleanup', '--only', 'all'], plan())).toMatchObject({ code: 64, orders: [] });
  });
});

describe('the other commands', () => {
  test.each([
    [['gc', '42'], { action: 'force_gc', target: '42' }, 1],
    [['gc', '42', '--compact', '--dry-run'], { action: 'compact_heap' }, 0],
    [['limit', '42', '--max', '2GiB'], { action: 'limit', parameters: { maxBytes: 2 * 1024 * MIB } }, 1],
    [['act', 'suspend', '42'], { action: 'suspend' }, 0],
    [['act', 'deprioritise', '42', '--score', '300', '--yes'], { parameters: { oomScoreAdj: 300 } }, 1],
    [['act', 'emergency-shutdown', 's', '--yes'], { action: 'emergency_shutdown', target: 's' }, 1],
  ])('%j', async (args, request, orders) => {
    const ran = await run(args, plan());
    expect(ran.code).toBe(0);
    expect(ran.requests[0]).toMatchObject(request);
    expect(ran.orders).toHaveLength(orders);
  });

  test('wrong words are wrong usage', async () => {
    for (const args of [['limit', '42'], ['act', 'explode', '42'], ['limit', '42', '--max', 'much'], ['gc']]) {
      expect((await run(args, plan())).code).toBe(64);
    }
  });

  test('undo says what was put back, audit what was done', async () => {
    expect((await run(['undo'], plan())).code).toBe(0);
    expect((await run(['undo', 'x'], plan(), outcome(false))).code).toBe(1);
    const { out } = await run(['audit', '10'], plan());
    for (const text of ['1970-01-01 00:00:00', '12345678', 'agent', 'SIGTERM: orphan', '3 older', '1 line']) {
      expect(out).toContain(text);
    }
  });
});
