import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCaptures } from '../../src/captures/index.ts';
import type { Rampart, RampartEvent } from '../../src/model/index.ts';
import { createLookingInside } from '../../src/service/inside/looking-inside.ts';
import { connect } from '../../src/service/socket/client.ts';
import { openSocketServer } from '../../src/service/socket/server.ts';
import { createInspector } from '../../src/sources/inspector/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { fakeRampart } from '../support/mcp/fake-rampart.ts';
import { GROWN_UP_MS, isListening, start, until, type Child } from '../support/inspector/targets.ts';

const GIB = 1024 ** 3;
const dir = mkdtempSync(join(tmpdir(), 'rampart-inside-'));
const capturesDir = join(dir, 'captures');
const inspector = createInspector({ clock: systemClock });
const heard: RampartEvent[] = [];
let listener: ((event: RampartEvent) => void) | null = null;
/** What the machine has left, as far as the part can see. */
let availableBytes = 64 * GIB;
let target: Child;

const idOf = ({ id }: Child): string => `${id.pid}:${id.startTime}`;

function lookingInside(children: () => readonly Child[]) {
  return createLookingInside({
    clock: systemClock,
    inspector,
    captures: openCaptures({ dir: capturesDir, clock: systemClock, maxBytes: GIB, maxAgeMs: 3_600_000 }),
    engine: {
      publish: (event) => {
        heard.push(event);
        listener?.(event);
      },
      find: async (asked) => {
        const child = children().find((one) => asked === idOf(one) || asked === String(one.id.pid));
        return child === undefined
          ? null
          : {
              ...child.id,
              id: `${child.id.pid}:${child.id.startTime}`,
              name: 'program',
              runtime: 'node',
              cgroupRoomBytes: null,
              hostAvailableBytes: availableBytes,
            };
      },
    },
  });
}

const files = (): string[] => {
  try {
    return readdirSync(capturesDir);
  } catch {
    return [];
  }
};

const PROGRAM = `
class Visit { constructor(n) { this.n = n; this.tags = ['a', n]; } }
const book = { visits: new Map() }; globalThis.book = book; let n = 0;
setInterval(() => { for (let i = 0; i < 40; i += 1) book.visits.set('v' + n, new Visit(n++)); process.stdout.write('.'); }, 20);
`;

beforeAll(async () => {
  target = await start(process.execPath, ['-e', PROGRAM]);
  await until(() => target.said() !== '', 60_000);
  await sleep(GROWN_UP_MS);
});
afterAll(async () => {
  await inspector.close();
  await target.end();
  rmSync(dir, { recursive: true, force: true });
});

describe('looking inside, as the service does it', () => {
  const part = lookingInside(() => [target]);

  it('inspects: heaps, split, residual, and why a field is null', async () => {
    const report = await part.inspect({ target: String(target.id.pid) });
    expect(report.process.id).toBe(idOf(target));
    expect(report.heaps?.[0]?.usedBytes).toBeGreaterThan(1e6);
    expect(report.split?.v8Bytes).toBeGreaterThan(1e6);
    expect(report.nativeResidualBytes).toBeGreaterThan(0);
    expect(report.attachedMs).toBeGreaterThan(0);
    expect(report.unknown).toEqual({ gc: 'not asked for', collection: 'not asked for', culprits: 'not asked for' });
    expect(report.summary).not.toContain('program');
  });

  it('stays outside when it is told to', async () => {
    const report = await part.inspect({ target: idOf(target), attach: false });
    expect(report).toMatchObject({ heaps: null, attachedMs: null, unknown: { heaps: 'not asked for' } });
    expect(report.split?.v8Bytes).toBeGreaterThan(1e6);
  });

  it('keeps a light capture, and tells how far it is', async () => {
    const report = await part.capture({ target: idOf(target), kind: 'light', durationMs: 3_500, ticket: 't1' });
    expect(report.culprits.length).toBeGreaterThan(0);
    expect(statSync(report.path ?? '').mode & 0o777).toBe(0o600);
    const steps = heard.filter((event) => event.type === 'progress' && event.ticket === 't1');
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.at(-1)).toMatchObject({ total: 3_500 });
  });

  it('writes a snapshot, and says what grew since, and what holds it', { timeout: 180_000 }, async () => {
    const first = await part.capture({ target: idOf(target), kind: 'snapshot' });
    expect(first.pauseMs).toBeGreaterThan(0);
    await sleep(1_000);
    const { growth, path, summary } = await part.capture({ target: idOf(target), kind: 'compare' });
    const visits = growth.find(({ constructorName }) => constructorName === 'Visit');
    expect(visits?.countAfter).toBeGreaterThan(visits?.countBefore ?? Number.NaN);
    expect(visits?.retainers.join(' ')).toMatch(/in Map .*visits in Object/);
    expect(growth.slice(0, 3)).toContain(visits);
    expect(path).toMatch(/heapsnapshot\.gz$/);
    expect(summary).toMatch(/classes grew by/);
  });

  it('refuses a snapshot without twenty times the heap, and writes nothing', async () => {
    const before = files();
    const { heaps } = await part.inspect({ target: idOf(target) });
    availableBytes = (heaps?.[0]?.usedBytes ?? 0) * 19;
    await expect(part.capture({ target: idOf(target), kind: 'snapshot' })).rejects.toMatchObject({
      code: 'unsupported',
    });
    availableBytes = 64 * GIB;
    expect(files()).toEqual(before);
    expect(isListening(9229)).toBe(false);
    expect(target.isAlive()).toBe(true);
  });

  it('knows no snapshot of a process that has none, and no process that does not live', async () => {
    const other = await start(process.execPath, ['-e', PROGRAM]);
    const both = lookingInside(() => [target, other]);
    await expect(both.capture({ target: idOf(other), kind: 'compare' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(part.inspect({ target: '1:1' })).rejects.toMatchObject({ code: 'not-found' });
    await other.end();
  });

  it('leaves no part of a file when the process dies while it is written', async () => {
    const before = files();
    const large = await start(process.execPath, [
      '-e',
      `globalThis.all = Array.from({ length: 6e5 }, (_, i) => ({ i, s: 's' + i })); process.stdout.write('ready'); setInterval(() => {}, 1000);`,
    ]);
    await until(() => large.said() === 'ready', 60_000);
    await sleep(GROWN_UP_MS);
    const taking = lookingInside(() => [large])
      .capture({ target: idOf(large), kind: 'snapshot' })
      .catch((error: unknown) => error);
    await until(() => files().length > before.length, 30_000);
    await sleep(100);
    await large.end();
    expect(await taking).toMatchObject({ code: 'io', message: expect.stringContaining('gone') });
    expect(files()).toEqual(before);
  });
});

describe('a long capture on a socket', () => {
  it('does not hold up what the same client asks meanwhile', async () => {
    const part = lookingInside(() => [target]);
    const rampart: Rampart = {
      ...fakeRampart(),
      ...part,
      subscribe: async (to) => {
        listener = to;
        return () => (listener = null);
      },
    };
    const socketPath = join(dir, 'rampart.sock');
    const server = await openSocketServer({
      socketPath,
      rampart,
      welcome: { protocol: 1, version: '0.1.0', pid: process.pid, mode: 'foreground', startedAtMs: 0 },
      onClients: () => undefined,
      onHandover: () => ({ accepted: false, reason: '' }),
    });
    const client = await connect({ socketPath, face: 'library' });
    const told: number[] = [];
    const stop = await client.subscribe((event) => {
      if (event.type === 'progress' && event.ticket === 'long') told.push(event.done);
    });
    let isDone = false;
    const long = client
      .capture({ target: idOf(target), kind: 'light', durationMs: 3_500, ticket: 'long' })
      .finally(() => (isDone = true));
    const fromMs = performance.now();
    await client.status();
    expect(performance.now() - fromMs).toBeLessThan(2_000);
    expect(isDone).toBe(false);
    expect((await long).kind).toBe('light');
    expect(told.length).toBeGreaterThan(1);
    stop();
    await client.close();
    await server.close();
  });
});
