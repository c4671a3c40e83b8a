import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RampartError, type HeapFigures, type Inspector } from '../../../src/model/index.ts';
import { createFakeActing } from '../../support/actions/fake-world.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-collection-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a forced collection', () => {
  const figures = (usedBytes: number): HeapFigures => ({
    threadId: 0,
    name: 'main',
    usedBytes,
    totalBytes: usedBytes,
    physicalBytes: null,
    limitBytes: null,
    externalBytes: 0,
    arrayBuffersBytes: 0,
    spaces: [],
  });

  test.each([
    ['both were collected', () => true, 2 * 90, 2 * 30],
    ['one refused', (pid: number) => pid === 10, 90, 30],
    ['none was reached', () => false, null, null],
  ])('tells the used heap of what it was done to: %s', async (_, reaches, before, after) => {
    const collection = {
      before: [figures(90)],
      after: [figures(30)],
      freedBytes: 60,
      rssBeforeBytes: 100,
      rssAfterBytes: 50,
      pauseMs: 1,
    };
    const inspector = {
      check: async () => ({ possible: true, reason: '' }),
      attach: async ({ pid }: { pid: number }, work: (open: unknown) => Promise<unknown>) => {
        if (!reaches(pid)) throw new RampartError('not-permitted', 'no', 'no');
        return work({ collect: async () => collection });
      },
    } as unknown as Inspector;
    const acting = createFakeActing({ auditPath: join(dir, 'actions.jsonl'), inspector });
    for (const pid of [10, 11]) acting.add(pid, { runtime: 'node' });
    const { token } = await acting.runner.plan({ action: 'force_gc', target: 'session-a', origin: 'user' });
    const outcome = await acting.runner.apply({ token: token ?? '' });
    expect([outcome.before?.heapUsedBytes, outcome.after?.heapUsedBytes]).toEqual([before, after]);
  });
});
