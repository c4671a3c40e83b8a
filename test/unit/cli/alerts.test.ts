import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/faces/cli/index.ts';
import type { AcknowledgeOrder, AlertQuery, RampartEvent, SilenceOrder } from '../../../src/model/index.ts';
import { alertOf, alertReport } from '../../support/alerts.ts';
import { capture, fakeDeps, fakeRampart } from '../../support/cli/fake.ts';

const ALERT = alertOf({
  fingerprint: '3f9a01bc77665544',
  level: 'critical',
  subject: { kind: 'process', id: '41:7', name: 'evil\u001b[31m\nname' },
  evidence: [{ kind: 'records', detail: 'ever new records' }],
});

async function cli(...args: string[]) {
  const streams = capture(100, { NO_COLOR: '1', LANG: 'C.UTF-8' });
  const asked: unknown[] = [];
  const silence = {
    id: '91c2d4e0aabbccdd',
    matchers: [{ label: 'server', value: 'browser', isRegex: false }],
    startsAtMs: 0,
    endsAtMs: 7_200_000,
    by: 'ada',
    reason: 'known',
  };
  const rampart = fakeRampart({
    listAlerts: async (query: AlertQuery) => {
      asked.push(query);
      return { ...alertReport([ALERT]), silences: [silence] };
    },
    acknowledgeAlert: async (order: AcknowledgeOrder) => {
      asked.push(order);
      return ALERT;
    },
    silenceAlerts: async (order: SilenceOrder) => {
      asked.push(order);
      return silence;
    },
    endSilence: async (id: string) => {
      asked.push(id);
      return silence;
    },
    subscribe: async (listener: (event: RampartEvent) => void) => {
      listener({ type: 'alert', atMs: 1, change: 'resolved', alert: ALERT });
      setTimeout(() => process.emit('SIGINT'), 20);
      return () => undefined;
    },
  });
  const code = await runCli(args, fakeDeps({ connect: async () => rampart }), streams);
  return { code, asked, out: streams.out(), err: streams.err() };
}

describe('rampart alerts', () => {
  it('shows level, title, id, age and subject, and cleans what others wrote', async () => {
    const { code, out, asked } = await cli('alerts');
    expect(code).toBe(0);
    expect(asked).toEqual([{ state: 'active', level: undefined, type: undefined, subject: undefined, limit: 50 }]);
    expect(out).toContain('CRITICAL  A process leaks 310 MiB an hour (V8 heap).');
    expect(out).toMatch(/3f9a01bc {2}leak · firing for 9 min/);
    expect(out).toContain('process 41:7  evil [31m name');
    expect(out).toContain('server=browser');
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('records');
  });

  it('tells evidence and the next call when asked', async () => {
    const { out } = await cli('alerts', '--verbose', '--state', 'all', '--type', 'leak', 'session:abc');
    expect(out).toContain('records: ever new records');
    expect(out).toContain('next: detect_leaks(target="100:1000")');
  });

  it('passes filters on, and prints the report as JSON', async () => {
    const { asked, out } = await cli('alerts', 'session:abc', '--level', 'critical', '--type', 'leak', '--json');
    expect(asked).toMatchObject([{ subject: 'abc', level: 'critical', type: 'leak' }]);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, alerts: [{ fingerprint: '3f9a01bc77665544' }] });
  });

  it('goes on with each change until it is stopped', async () => {
    const { code, out } = await cli('alerts', '--watch');
    expect(code).toBe(0);
    expect(out).toMatch(/over critical {2}A process leaks .* process 41:7 {2}3f9a01bc/);
  });

  it.each([[['--state', 'gone']], [['--type', 'x']], [['--limit', '0']]])('refuses %j', async (flags) => {
    expect((await cli('alerts', ...flags)).code).toBe(64);
  });
});

describe('rampart ack', () => {
  it('acknowledges for as long as told', async () => {
    const { code, asked, out } = await cli('ack', '3f9a01bc', '--for', '30m');
    expect(code).toBe(0);
    expect(asked).toEqual([{ id: '3f9a01bc', by: expect.any(String), forMs: 1_800_000 }]);
    expect(out).toContain('Acknowledged for 30 min');
  });
});

describe('rampart silence', () => {
  it('takes matchers, a time and a reason', async () => {
    const { code, asked } = await cli('silence', 'type=leak session=~bbf1.*', '--for', '2h', '--reason', 'soak');
    expect(code).toBe(0);
    expect(asked).toMatchObject([
      {
        matchers: [
          { label: 'type', value: 'leak', isRegex: false },
          { label: 'session', value: 'bbf1.*', isRegex: true },
        ],
        forMs: 7_200_000,
        reason: 'soak',
      },
    ]);
  });

  it('takes the id of an alert, lists, and ends', async () => {
    expect((await cli('silence', '3f9a01bc', '--reason', 'wanted')).asked).toMatchObject([{ alert: '3f9a01bc' }]);
    expect((await cli('silence')).out).toContain('91c2d4e0  server=browser  for 1 h 50 min more, by ada: known');
    expect((await cli('silence', '--end', '91c2d4e0')).asked).toEqual(['91c2d4e0']);
  });

  it('wants a reason and matchers that are matchers', async () => {
    expect((await cli('silence', 'server=browser')).err).toContain('needs a reason');
    expect((await cli('silence', 'browser', '--reason', 'x')).err).toContain('is no matcher');
  });
});

describe('rampart test-rules', () => {
  it('says what passed, and exits 1 when a test fails', async () => {
    const streams = capture(100, { NO_COLOR: '1', LANG: 'C.UTF-8' });
    const deps = fakeDeps({
      testRules: async () => [
        { name: 'one', failures: ['at 1m: no leak'] },
        { name: 'two', failures: [] },
      ],
    });
    const code = await runCli(['test-rules', 'test/alerts/host.yaml'], deps, streams);
    expect(code).toBe(1);
    expect(streams.out()).toMatch(/FAILED one\n {10}at 1m: no leak\n {2}ok {5}two\n1 passed, 1 failed/);
  });

  it('refuses what cannot be read', async () => {
    const streams = capture(100);
    expect(await runCli(['test-rules', 'no-such.yaml'], fakeDeps(), streams)).toBe(65);
  });
});
