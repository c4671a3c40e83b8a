import { expect, test } from 'vitest';
import { createAlertEngine, timingOf } from '../../../src/alerts/index.ts';
import { ConfigSchema } from '../../../src/config/schema.ts';
import { createMemoryStore, openHistory } from '../../../src/history/index.ts';
import { hostLimit } from '../../../src/limits/index.ts';
import type { HostSample, RampartEvent } from '../../../src/model/index.ts';
import { createAlerting } from '../../../src/service/alerting.ts';
import { createEngine } from '../../../src/service/engine/engine.ts';
import { createHostOutlook } from '../../../src/service/engine/host-outlook.ts';
import { createFakeClock, createFakeSource } from '../../support/service/fake-source.ts';

const MIB = 1024 * 1024;
const config = ConfigSchema.parse({});

test(
  'alerts about the machine, worked out again from what history wrote down, are those of the live service',
  { timeout: 60_000 },
  async () => {
    const clock = createFakeClock();
    const source = createFakeSource(clock);
    const history = await openHistory({ store: createMemoryStore(), clock, flushIntervalMs: 0 });
    const engine = createEngine(config, {
      clock,
      source,
      history,
      readRegistry: async () => ({ claims: [], problems: [] }),
      origin: 'service',
      ownPid: 999,
    });
    const live: string[] = [];
    await engine.subscribe((event: RampartEvent) => {
      if (event.type === 'alert') live.push(`${event.change} ${event.alert.level} ${event.alert.rule}`);
    });
    const alerting = await createAlerting(config, {
      engine,
      clock,
      file: null,
      sink: () => undefined,
      onProblem: (what, error) => expect.unreachable(`${what}: ${String(error)}`),
    });
    const fromMs = clock.nowMs();
    for (let second = 0; second < 5_400; second += 1) {
      // It fills within an hour, thrashes, and is freed again.
      source.host.memoryAvailableBytes = second < 3_600 ? (700 - second / 5.5) * MIB : 600 * MIB;
      const full = second > 3_000 && second < 3_300 ? 40 : 0;
      source.host.pressure = { someAvg10Percent: full, fullAvg10Percent: full, someTotalUs: 0, fullTotalUs: 0 };
      await engine.tick();
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1000);
    }
    await alerting.close();
    await history.flush();

    const figures = new Map<number, Map<string, number>>();
    await history.scan({ fromMs, toMs: clock.nowMs(), subject: 'host' }, (_, metric, samples) => {
      for (let index = 0; index < samples.count; index += 1) {
        const tMs = samples.times[index] as number;
        const at = figures.get(tMs) ?? new Map<string, number>();
        figures.set(tMs, at.set(metric, samples.values[index] as number));
      }
    });
    expect(figures.size).toBe(5_400);

    const replay = createAlertEngine({
      thresholds: config.alertThresholds,
      timing: timingOf({ cooldownMs: config.cooldownPeriods, repeatMs: config.alerts.repeat }),
      compileRegex: () => () => false,
    });
    const outlook = createHostOutlook();
    const replayed: string[] = [];
    for (const tMs of [...figures.keys()].toSorted((a, b) => a - b)) {
      const at = figures.get(tMs);
      const full = at?.get('pressureFullPercent') ?? 0;
      const host: HostSample = {
        ...source.host,
        atMs: tMs,
        memoryAvailableBytes: at?.get('memoryAvailableBytes') ?? 0,
        pressure: { someAvg10Percent: full, fullAvg10Percent: full, someTotalUs: 0, fullTotalUs: 0 },
      };
      outlook.push(host);
      const { changes } = replay.evaluate({
        atMs: tMs,
        host,
        limit: hostLimit(host),
        severity: 'ok',
        hostForecast: outlook.forecast(host),
        looks: { taken: 1, skipped: 0 },
        processes: [],
        sessions: [],
        files: [],
      });
      replayed.push(...changes.map(({ change, alert }) => `${change} ${alert.level} ${alert.rule}`));
    }
    expect(live.length).toBeGreaterThan(6);
    expect(replayed.toSorted()).toEqual(live.toSorted());
    await history.close();
  },
);
