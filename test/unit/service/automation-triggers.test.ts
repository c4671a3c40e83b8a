import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { many, openAutomation, type Setup } from '../../support/advice/automation.ts';
import { heap, leaking, MIB, NOW, observation, observed } from '../../support/advice/observation.ts';
import { alertOf } from '../../support/alerts.ts';

let dir = '';
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'rampart-automation-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

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
    const options = { ...off, 'actionTriggers.emergencyShutdown': true };
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

  it('a memory dump is taken of it first', async () => {
    const { automation, applied } = await open({ options: { ...off, 'actionTriggers.memoryDump': true } });
    await many(automation, observation({ severity: 'emergency', processes: [node] }), 1);
    expect(applied()).toEqual(['heap_snapshot']);
  });
});
