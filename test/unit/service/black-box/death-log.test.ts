import { expect, test } from 'vitest';
import { createMemoryStore } from '../../../../src/history/index.ts';
import { findDeaths } from '../../../../src/service/black-box/find-deaths.ts';
import { openDeathLog } from '../../../../src/service/black-box/death-log.ts';
import { deathOf, NOW } from '../../../support/deaths/signs.ts';

const FILE = 'deaths.jsonl';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const numbered = (at: number, over: object = {}) =>
  deathOf({ id: `death-${String(at).padStart(5, '0')}`, curve: [], ...over });

test('deaths survive a restart; a torn tail is mended, and what is not ours is counted', async () => {
  const store = createMemoryStore();
  const log = await openDeathLog(store);
  await log.add(numbered(1));
  await log.add(numbered(2));
  await store.append(FILE, bytes('{"id":"x"}\nnonsense\n{"id":"torn'));
  const again = await openDeathLog(store);
  expect(again.deaths.map(({ id }) => id)).toEqual(['death-00001', 'death-00002']);
  expect(again.torn).toBe(3);
  await again.add(numbered(3));
  const third = await openDeathLog(store);
  expect(third.deaths).toHaveLength(3);
  expect(third.torn).toBe(0);
});

test('it is bounded, and ordinary ends make room first', async () => {
  const store = createMemoryStore();
  const log = await openDeathLog(store);
  await log.add(numbered(0));
  for (let at = 1; at <= 400; at += 1) await log.add(numbered(at, { ordinary: true }));
  expect(log.deaths[0]?.id).toBe('death-00000');
  expect(log.deaths).toHaveLength(51);
  for (let at = 401; at <= 800; at += 1) await log.add(numbered(at));
  expect(log.deaths.filter(({ ordinary }) => !ordinary)).toHaveLength(200);
  const text = new TextDecoder().decode((await store.read(FILE)) ?? undefined);
  expect(text.split('\n').length).toBeLessThanOrEqual(302);
  expect((await openDeathLog(store)).deaths.map(({ id }) => id)).toEqual(log.deaths.map(({ id }) => id));
});

test('a death is found by its id, process, pid, session, or by what ended with it', () => {
  const agent = deathOf({
    id: 'aaaaaa000001',
    process: { pid: 7, startTime: 70, id: '7:70' },
    sessionId: 'session-a',
    companions: [{ id: '8:80', name: 'n', role: 'server', exitCode: null, signal: 'SIGKILL' }],
  });
  const other = deathOf({
    id: 'bbbbbb000002',
    diedBeforeMs: NOW + 1,
    process: { pid: 9, startTime: 90, id: '9:90' },
    sessionId: null,
  });
  const found = (target?: string) => findDeaths([agent, other], { target }, NOW).deaths.map(({ id }) => id);
  expect(found()).toEqual(['bbbbbb000002', 'aaaaaa000001']);
  for (const target of ['aaaaaa000001', 'aaaaaa', '7', '7:70', 'session-a', '8', '8:80'])
    expect(found(target)).toEqual([agent.id]);
  expect(() => found('aaa')).toThrow(/no death/);
  expect(() => findDeaths([agent], { limit: 0 }, NOW)).toThrow(/limit is 0/);
  expect(findDeaths([agent, other], { limit: 1 }, NOW)).toMatchObject({
    more: 1,
    summary: expect.stringMatching(/^2 deaths/),
  });
  expect(findDeaths([], {}, NOW).summary).toBe('No death is remembered.');
});
