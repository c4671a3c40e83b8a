import { expect, it } from 'vitest';
import { createInspector } from '../../../src/sources/inspector/index.ts';
import { systemClock } from '../../../src/sources/index.ts';

it.each(['darwin', 'win32'] as const)('nobody is touched on %s, and the reason says so', async (platform) => {
  const killed: number[] = [];
  const inspector = createInspector({ clock: systemClock, platform, kill: (pid) => void killed.push(pid) });
  const own = { pid: process.pid, startTime: 1 };
  expect(await inspector.check(own)).toMatchObject({
    possible: false,
    way: 'none',
    reason: expect.stringContaining(platform),
  });
  expect(await inspector.split(own)).toBeNull();
  await expect(inspector.attach(own, (open) => open.heaps())).rejects.toMatchObject({ code: 'unsupported' });
  expect(killed).toEqual([]);
  await inspector.close();
});
