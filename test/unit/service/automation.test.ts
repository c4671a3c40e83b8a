import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RampartError, type Observation } from '../../../src/model/index.ts';
import { createKillSwitch } from '../../../src/service/kill-switch.ts';
import { many, openAutomation, type Setup } from '../../support/advice/automation.ts';
import { heap, MIB, observation, observed } from '../../support/advice/observation.ts';

const MINUTE = 60_000;
let dir = '';
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'rampart-automation-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (setup?: Setup) => openAutomation(dir, setup);

/** Twenty heaps with much slack: more than may be done. */
const slack = (): Observation =>
  observation({
    processes: Array.from({ length: 20 }, (_, i) =>
      observed({ pid: i + 1, experience: `role-${i}`, serverName: null, heap: heap(100, 500, 4096) }),
    ),
  });

describe('automation', () => {
  it('does nothing by default', async () => {
    const { automation, log } = await open({ options: { 'autoOptimization.enabled': false } });
    await many(automation, { ...slack(), severity: 'emergency' }, 5);
    expect(log).toEqual([]);
    expect(automation.status()).toMatchObject({ enabled: false });
  });

  it('never does more than its limit in an hour, and counts each on disk before it begins', async () => {
    const { automation, log, applied, pass } = await open({ options: { 'autoOptimization.maxAutomations': 3 } });
    await many(automation, slack(), 10);
    expect(applied()).toHaveLength(3);
    expect(log.filter((line) => line.startsWith('apply')).map((line) => line.slice(-9))).toEqual([
      '1 counted',
      '2 counted',
      '3 counted',
    ]);
    expect(automation.status()).toEqual({ lastHour: 3, limit: 3, enabled: true });
    pass(59 * MINUTE);
    await many(automation, slack(), 3);
    expect(applied()).toHaveLength(3);
    pass(2 * MINUTE);
    await many(automation, slack(), 3);
    expect(applied()).toHaveLength(6);
  });

  it('two decisions at once take one free place once', async () => {
    const { automation, applied } = await open({ options: { 'autoOptimization.maxAutomations': 1 } });
    await Promise.all(Array.from({ length: 8 }, () => automation.decide(slack())));
    expect(applied()).toHaveLength(1);
  });

  it('a crash between the count and the action costs a place, and a restart knows it', async () => {
    const options = { 'autoOptimization.maxAutomations': 1 };
    let asked = 0;
    // The switch is asked again after the count: what throws there is as good as a crash.
    const crash = await open({
      options,
      deps: {
        isStopped: async () => {
          asked += 1;
          if (asked === 2) throw new RampartError('internal', 'killed', '');
          return false;
        },
      },
    });
    await expect(crash.automation.decide(slack())).rejects.toThrow('killed');
    expect(crash.applied()).toEqual([]);
    const again = await open({ options });
    await many(again.automation, slack(), 3);
    expect(again.applied()).toEqual([]);
    expect(again.automation.status()).toMatchObject({ lastHour: 1 });
  });

  it('does not act when it cannot count', async () => {
    const { automation, applied } = await open({
      deps: { file: { read: async () => null, write: () => Promise.reject(new Error('disk full')) } },
    });
    await expect(automation.decide(slack())).rejects.toThrow('disk full');
    expect(applied()).toEqual([]);
  });

  it.each(['{"version":1,"begunMs":["x"]}', '{"version":2}', '[', '{"version":1,"begunMs":'])(
    'begins anew after %s',
    async (text) => {
      writeFileSync(join(dir, 'automation.json'), text);
      const { automation, problems } = await open();
      expect(automation.status()).toMatchObject({ lastHour: 0 });
      expect(problems).toHaveLength(1);
    },
  );

  it('never has two actions on one target, and leaves a target alone afterwards', async () => {
    const one = observation({ processes: [observed({ pid: 1, heap: heap(100, 500, 4096) })] });
    const { automation, applied, releases, pass } = await open({ hold: true });
    await many(automation, one, 3);
    expect(applied()).toHaveLength(1);
    releases[0]?.();
    await many(automation, one, 3);
    expect(applied()).toHaveLength(1);
    pass(11 * MINUTE);
    await many(automation, one, 3);
    expect(applied()).toHaveLength(2);
  });

  it('tries something else when it is refused, and does not ask again at once', async () => {
    const one = observation({ processes: [observed({ pid: 1, heap: heap(100, 500, 4096) })] });
    const { automation, log, pass } = await open({ refuse: ({ action }) => action !== 'compact_heap' });
    await many(automation, one, 6);
    expect(log.filter((line) => line.startsWith('plan')).length).toBeLessThanOrEqual(3);
    expect(log.at(-1)).toContain('apply compact_heap');
    pass(11 * MINUTE);
    await many(automation, one, 1);
    expect(log.filter((line) => line.startsWith('plan')).length).toBeGreaterThan(1);
  });

  it('leaves what proved useless', async () => {
    const one = observation({ processes: [observed({ pid: 1, heap: heap(100, 500, 4096) })] });
    const { automation, applied, pass } = await open({
      options: { 'autoOptimization.maxAutomations': 1000 },
      result: () => ({ reclaimedBytes: -10 * MIB, result: 'harmful', role: 'some-mcp', finding: 'none' }),
    });
    for (let hour = 0; hour < 60; hour += 1) {
      await many(automation, one, 2);
      pass(61 * MINUTE);
    }
    // Three kinds of action in sixty hours; each gets a few tries.
    expect(applied().length).toBeLessThan(16);
  });

  it('rests for an hour after harm', async () => {
    const { automation, applied, problems, pass } = await open({
      result: () => ({ reclaimedBytes: -200 * MIB, result: 'harmful' }),
    });
    await many(automation, slack(), 4);
    expect(applied()).toHaveLength(1);
    expect(problems[0]).toContain('rests for an hour');
    expect(automation.status().enabled).toBe(false);
    pass(61 * MINUTE);
    await many(automation, slack(), 1);
    expect(applied().length).toBeGreaterThan(1);
  });

  it('stops at the kill switch', async () => {
    const killSwitch = createKillSwitch(join(dir, 'automation.off'));
    const { automation, log, applied } = await open();
    await killSwitch.stop();
    await many(automation, slack(), 3);
    expect(log).toEqual([]);
    await killSwitch.release();
    await many(automation, slack(), 1);
    expect(applied()).toHaveLength(1);
  });

  it.each([
    ['conservative', false],
    ['moderate', false],
    ['aggressive', true],
  ])('%s: ends orphans is %s', async (aggressiveness, reaps) => {
    const orphan = observation({ processes: [observed({ pid: 1, lifecycle: 'orphan' })] });
    const { automation, applied } = await open({ options: { 'autoOptimization.aggressiveness': aggressiveness } });
    await many(automation, orphan, 3);
    expect(applied()).toEqual(reaps ? ['reap'] : []);
  });
});
