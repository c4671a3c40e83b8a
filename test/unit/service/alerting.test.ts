import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConfigSchema } from '../../../src/config/schema.ts';
import type { Notification, NotificationSink, Observation, RampartEvent } from '../../../src/model/index.ts';
import { createAlertFile } from '../../../src/service/alert-file.ts';
import { createAlerting, type AlertingPart } from '../../../src/service/alerting.ts';
import { createEngine } from '../../../src/service/engine/engine.ts';
import type { Engine } from '../../../src/service/engine/shape.ts';
import {
  createFakeClock,
  createFakeSource,
  type FakeClock,
  type FakeSource,
} from '../../support/service/fake-source.ts';

const MIB = 1024 * 1024;
const config = ConfigSchema.parse({});
let dir: string;
let clock: FakeClock;
let source: FakeSource;
let engine: Engine;
let alerting: AlertingPart;
let sent: Notification[];
let events: RampartEvent[];
let problems: string[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-alerting-'));
  clock = createFakeClock();
  source = createFakeSource(clock);
  sent = [];
  events = [];
  problems = [];
  await open();
});

afterEach(async () => {
  await alerting.close();
  rmSync(dir, { recursive: true, force: true });
});

const path = (): string => join(dir, 'alerts.json');

async function open(
  part: Partial<typeof config> = {},
  sink: NotificationSink = (notification) => sent.push(notification),
): Promise<void> {
  engine = createEngine(config, {
    clock,
    source,
    history: null,
    readRegistry: async () => ({ claims: [], problems: [] }),
    origin: 'service',
    ownPid: 999,
    onProblem: (error) => problems.push(String(error)),
  });
  await engine.subscribe((event) => events.push(event));
  alerting = await createAlerting(
    { ...config, ...part },
    {
      engine,
      clock,
      file: createAlertFile(path(), (what, error) => problems.push(`${what}: ${String(error)}`)),
      sink,
      onProblem: (what, error) => problems.push(`${what}: ${String(error)}`),
    },
  );
}

async function seconds(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    await engine.tick();
    // The evaluation runs behind the tick.
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1000);
  }
}

const changes = (): string[] =>
  events.flatMap((event) => (event.type === 'alert' ? [`${event.change} ${event.alert.rule}`] : []));

test('a machine that fills up is told within a second of its time, as event, as notification, and to who asks', async () => {
  await seconds(12);
  source.host.memoryAvailableBytes = 30 * MIB;
  await seconds(3);
  expect(changes()).toEqual(['fired host-memory']);
  await vi.waitFor(() => expect(sent.map(({ kind, level }) => `${kind} ${level}`)).toEqual(['firing emergency']));
  const report = await alerting.questions.listAlerts({});
  expect(report.summary).toBe('1 alert: 1 emergency.');
  expect(report.alerts[0]).toMatchObject({ rule: 'host-memory', level: 'emergency', unit: 'share', value: 0.97 });
  expect(alerting.book.firing()).toHaveLength(1);
  expect(problems).toEqual([]);
});

test('state outlives the service: nothing is told twice, silences and acknowledgements hold', async () => {
  source.host.memoryAvailableBytes = 100 * MIB;
  await seconds(60);
  const [alert] = (await alerting.questions.listAlerts({})).alerts;
  await alerting.questions.acknowledgeAlert({ id: alert?.fingerprint.slice(0, 8) ?? '', by: 'ada' });
  await alerting.questions.silenceAlerts({
    matchers: [{ label: 'rule', value: 'file-.*', isRegex: true }],
    forMs: 3_600_000,
    by: 'ada',
    reason: 'known',
  });
  await alerting.close();
  clock.advance(20_000);
  await open();
  await seconds(30);
  const report = await alerting.questions.listAlerts({});
  expect(report.alerts[0]).toMatchObject({ state: 'firing', acknowledged: { by: 'ada' }, notifications: 1 });
  expect(report.silences).toMatchObject([{ by: 'ada', reason: 'known' }]);
  expect(sent).toHaveLength(1);
  expect(changes()).toEqual(['fired host-memory', 'acknowledged host-memory']);
});

describe('kill -9', () => {
  /** Everything a service that was killed when it handed on its first notification leaves behind. */
  async function killedWhileTelling(): Promise<string> {
    let left = '';
    await alerting.close();
    rmSync(path(), { force: true });
    await open({}, (notification) => {
      left ||= readFileSync(path(), 'utf8');
      sent.push(notification);
    });
    source.host.memoryAvailableBytes = 30 * MIB;
    await seconds(15);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    await alerting.close();
    return left;
  }

  test('what is told was written down before, and the next service says it under the same id, once', async () => {
    const left = await killedWhileTelling();
    writeFileSync(path(), left);
    await open();
    expect(sent.map(({ id }) => id)).toEqual([sent[0]?.id, sent[0]?.id]);
    expect(sent[1]).toMatchObject({ kind: 'firing', alerts: sent[0]?.alerts, title: sent[0]?.title });
    await seconds(60);
    expect(sent).toHaveLength(2);
    expect((await alerting.questions.listAlerts({})).alerts[0]).toMatchObject({ notifications: 1 });
  });

  test('what was handed on is said by no later service', async () => {
    await killedWhileTelling();
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toMatchObject({ untold: [] });
    await open();
    await seconds(60);
    expect(sent).toHaveLength(1);
  });
});

test.each([
  ['is full', async () => Promise.reject(new Error('ENOSPC')), 1],
  ['hangs', async () => new Promise<void>((resolve) => void setTimeout(resolve, 1_500)), 0],
])('on a disk that %s it is told all the same', async (_, write, problemCount) => {
  await alerting.close();
  alerting = await createAlerting(config, {
    engine,
    clock,
    file: { read: async () => null, write },
    sink: (notification) => sent.push(notification),
    onProblem: (what) => problems.push(what),
  });
  source.host.memoryAvailableBytes = 30 * MIB;
  await seconds(15);
  await vi.waitFor(() => expect(sent).toHaveLength(1), 1_400);
  expect(problems.length).toBeGreaterThanOrEqual(problemCount);
});

test.each([
  ['torn', (text: string) => text.slice(0, text.length / 2)],
  ['empty', () => ''],
  ['another form', () => '{"version":1,"lives":[{"alert":{"fingerprint":"../../x"}}]}'],
  ['a prototype', () => '{"__proto__":{"version":1}}'],
  ['deep', () => '['.repeat(50_000) + ']'.repeat(50_000)],
])('a file that is %s is left out and said so', async (_, damage) => {
  source.host.memoryAvailableBytes = 30 * MIB;
  await seconds(20);
  await alerting.close();
  writeFileSync(path(), damage(readFileSync(path(), 'utf8')));
  await open();
  expect(problems).toHaveLength(1);
  await seconds(15);
  expect((await alerting.questions.listAlerts({})).alerts).toHaveLength(1);
});

test('text of a file that somebody changed is cleaned', async () => {
  source.host.memoryAvailableBytes = 30 * MIB;
  await seconds(20);
  await alerting.close();
  writeFileSync(path(), readFileSync(path(), 'utf8').replace('"name":"host"', '"name":"a\\u001b[31m\\u202eb"'));
  await open();
  const { alerts } = await alerting.questions.listAlerts({});
  expect(alerts[0]?.subject.name).toBe('a [31m b');
});

test('a sink that throws loses its notification and nothing else', async () => {
  await alerting.close();
  alerting = await createAlerting(config, {
    engine,
    clock,
    file: null,
    sink: () => {
      throw new Error('no channel');
    },
    onProblem: (what) => problems.push(what),
  });
  source.host.memoryAvailableBytes = 30 * MIB;
  await seconds(15);
  expect(problems).toEqual(['a notification could not be handed on']);
  expect(changes()).toEqual(['fired host-memory']);
});

test('switched off, nothing is judged; notifications off, alerts are still there', async () => {
  await alerting.close();
  rmSync(path(), { force: true });
  await open({ alerts: { ...config.alerts, enabled: false } });
  source.host.memoryAvailableBytes = 30 * MIB;
  await seconds(20);
  expect((await alerting.questions.listAlerts({ state: 'all' })).alerts).toEqual([]);
  await alerting.close();
  await open({ actionTriggers: { ...config.actionTriggers, alertNotifications: false } });
  await seconds(20);
  expect((await alerting.questions.listAlerts({})).alerts).toHaveLength(1);
  expect(sent).toEqual([]);
});

describe('looks that do not come through', () => {
  afterEach(() => vi.useRealTimers());

  test('are told after a while', async () => {
    await seconds(15);
    await alerting.close();
    vi.useFakeTimers();
    await open();
    source.host.memoryAvailableBytes = 600 * MIB;
    await engine.tick();
    await vi.advanceTimersByTimeAsync(0);
    // The source hangs: no tick for five minutes.
    for (let half = 0; half < 10; half += 1) {
      clock.advance(30_000);
      await vi.advanceTimersByTimeAsync(30_000);
    }
    const { alerts } = await alerting.questions.listAlerts({});
    expect(alerts).toMatchObject([{ rule: 'no-data', state: 'firing', labels: { lacks: 'looks' } }]);
  });
});

test('the observation of a live engine is whole', async () => {
  const seen: (Observation | null)[] = [await engine.observe()];
  await seconds(2);
  seen.push(await engine.observe());
  expect(seen[0]).toBeNull();
  expect(seen[1]).toMatchObject({ looks: { taken: 1, skipped: 0 }, hostForecast: null, sessions: [], files: [] });
});
