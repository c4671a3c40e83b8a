import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { many, openAutomation, type Setup } from '../../support/advice/automation.ts';
import { heap, HOUR, leaking, MIB, NOW, observation, observed } from '../../support/advice/observation.ts';
import { alertOf } from '../../support/alerts.ts';
import { confirmation, type HeapFloor, withFloor } from '../../../src/service/leaks/confirm.ts';
import type { LeakFinding } from '../../../src/model/index.ts';

let dir = '';
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'rampart-automation-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Grows by so much an hour for the last two days. */
function growing(ratePerHourBytes: number): LeakFinding {
  const growth = { sinceMs: NOW - 48 * HOUR, atMs: NOW, ratePerHourBytes, levelBytes: 1, noiseBytes: 1 };
  return leaking({ ratePerHourBytes, growth: { ...growth, rateErrorPerHourBytes: 1 } }, 'suspected')!.finding;
}

const open = (setup?: Setup) => openAutomation(dir, setup);

describe('triggers', () => {
  const off = { 'autoOptimization.enabled': false };
  const node = observed({ pid: 7, heap: heap(1900, 2000, 2048), leak: leaking() });

  it('autoGC collects a heap that is nearly full, unless a collection just ran', async () => {
    const { automation, applied, planned } = await open({ options: { ...off, 'actionTriggers.autoGC': true } });
    await many(automation, observation({ processes: [observed({ pid: 7, heap: heap(1900, 2000, 2048, true) })] }), 1);
    expect(applied()).toEqual([]);
    await many(automation, observation({ processes: [node] }), 1);
    expect(planned).toMatchObject([
      { action: 'force_gc', target: '7:70', origin: 'automation', reason: expect.stringContaining('autoGC') },
    ]);
  });

  it('an alert about a heap is enough', async () => {
    const { automation, applied, publish } = await open({ options: { ...off, 'actionTriggers.autoGC': true } });
    const alert = alertOf({ type: 'heap-pressure', subject: { kind: 'process', id: '7:70', name: '' } });
    const seen = observation({ processes: [observed({ pid: 7 })] });
    await many(automation, seen, 1);
    expect(applied()).toEqual([]);
    publish({ type: 'alert', atMs: NOW, change: 'fired', alert });
    await many(automation, seen, 1);
    expect(applied()).toEqual(['force_gc']);
  });

  it('an emergency ends what caused it, and nobody when nothing leaks', async () => {
    const options = { ...off, 'actionTriggers.automaticShutdown': true };
    const healthy = await open({ options });
    await many(
      healthy.automation,
      observation({ severity: 'emergency', processes: [observed({ pid: 1, footprintBytes: 9000 * MIB })] }),
      2,
    );
    expect(healthy.applied()).toEqual([]);
    const { automation, log } = await open({ options });
    const faster = observed({ pid: 8, leak: leaking({ ratePerHourBytes: 900 * MIB }) });
    await many(automation, observation({ severity: 'critical', processes: [node, faster] }), 2);
    expect(log).toEqual([]);
    await many(automation, observation({ severity: 'emergency', processes: [node, faster] }), 1);
    expect(log[0]).toBe('plan emergency_shutdown 8:80');
  });

  it('what people and agents may do, automation does not do by itself', async () => {
    const { automation, log } = await open({ options: { ...off, 'actionTriggers.emergencyShutdown': true } });
    await many(automation, observation({ severity: 'emergency', processes: [node] }), 2);
    expect(log).toEqual([]);
    expect(automation.status().enabled).toBe(false);
  });

  it('confirmSuspects asks a suspect for collections until its floors decide, now and then, and counted', async () => {
    const options = { ...off, 'actionTriggers.confirmSuspects': true };
    let floors: readonly HeapFloor[] = [];
    const finding = growing(12 * MIB);
    let atMs = NOW;
    const { automation, planned, pass } = await open({
      options,
      result: () => {
        const still = { heapUsedBeforeBytes: null, heapUsedAfterBytes: 50 * MIB, externalBytes: 0, nativeBytes: 0 };
        floors = withFloor(floors, { atMs, ...still });
        return {};
      },
    });
    const begun: number[] = [];
    for (let minute = 0; minute < 180; minute += 1) {
      const { nextAtMs } = confirmation(floors, finding);
      const process = observed({ pid: 7, leak: { ...leaking({}, 'suspected')!, finding, confirmAtMs: nextAtMs } });
      const before = planned.length;
      await many(automation, observation({ atMs, processes: [process] }), 1);
      if (planned.length > before) begun.push(minute);
      atMs = NOW + (minute + 1) * 60_000;
      pass(60_000);
    }
    expect(confirmation(floors, finding).said).toBe('cleared');
    // 2 MB at this rate are 10 min; at most half of the five of an hour, ten minutes apart, then ever more seldom.
    expect(begun.slice(0, 3)).toEqual([0, 10, 60]);
    expect(begun.length).toBeLessThanOrEqual(4);
    expect(planned[0]).toMatchObject({ action: 'force_gc', target: '7:70', origin: 'automation' });
    expect(planned[0]?.reason).toContain('confirmSuspects');
  });

  it('confirmSuspects asks nobody under pressure, nor what is too large, swapped out, decided, or no Node program', async () => {
    const { automation, log } = await open({ options: { ...off, 'actionTriggers.confirmSuspects': true } });
    const suspect = observed({ pid: 7, leak: leaking({}, 'suspected') });
    const leak = suspect.leak!;
    const refused = [
      observation({ severity: 'warning', processes: [suspect] }),
      ...[
        observed({ pid: 1, runtime: 'python', leak }),
        observed({ pid: 2, footprintBytes: 600 * MIB, leak }),
        observed({ pid: 3, swapBytes: 50 * MIB, leak }),
        observed({ pid: 4, leak: { ...leak, confirmAtMs: null } }),
        observed({ pid: 5, leak: { ...leak, confirmAtMs: NOW + 1 } }),
      ].map((process) => observation({ processes: [process] })),
    ];
    const full = observation({ processes: [suspect] });
    refused.push({ ...full, limit: { ...full.limit, headroomBytes: 50 * MIB } });
    for (const seen of refused) await many(automation, seen, 1);
    expect(log).toEqual([]);
    await many(automation, full, 1);
    expect(log[0]).toBe('plan force_gc 7:70');
  });

  it('a suspect that grows on while it is asked was not harmed, one that ended was', async () => {
    const options = { ...off, 'actionTriggers.confirmSuspects': true };
    const seen = observation({ processes: [observed({ pid: 7, leak: leaking({}, 'suspected') })] });
    for (const [reclaimedBytes, enabled] of [
      [-4 * MIB, true],
      [100 * MIB, false],
    ] as const) {
      const { automation } = await open({ options, result: () => ({ result: 'harmful', reclaimedBytes }) });
      await many(automation, seen, 1);
      expect(automation.status()).toMatchObject({ lastHour: 1, enabled });
      rmSync(join(dir, 'automation.json'));
    }
  });

  it('a suspect that was just asked can be ended in an emergency, and is not asked again at once', async () => {
    const options = { ...off, 'actionTriggers.confirmSuspects': true, 'actionTriggers.automaticShutdown': true };
    const { automation, applied, pass } = await open({ options });
    const seen = observation({ processes: [observed({ pid: 7, leak: leaking() })] });
    await many(automation, seen, 3);
    expect(applied()).toEqual(['force_gc']);
    pass(60_000);
    await many(automation, { ...seen, severity: 'emergency' }, 1);
    expect(applied()).toEqual(['force_gc', 'emergency_shutdown']);
  });

  it('a suspect that refuses is asked again after hours, and one place of two is no place for this', async () => {
    const options = { ...off, 'actionTriggers.confirmSuspects': true };
    const seen = observation({ processes: [observed({ pid: 7, leak: leaking({}, 'suspected') })] });
    const shut = await open({ options, refuse: () => true });
    for (let minute = 0; minute < 5 * 60; minute += 10) {
      await many(shut.automation, seen, 1);
      shut.pass(10 * 60_000);
    }
    expect(shut.planned).toHaveLength(1);
    const one = await open({ options: { ...options, 'autoOptimization.maxAutomations': 1 } });
    await many(one.automation, seen, 3);
    expect(one.planned).toEqual([]);
  });

  it('a memory dump is taken of it first', async () => {
    const { automation, applied } = await open({ options: { ...off, 'actionTriggers.memoryDump': true } });
    await many(automation, observation({ severity: 'emergency', processes: [node] }), 1);
    expect(applied()).toEqual(['heap_snapshot']);
  });
});
