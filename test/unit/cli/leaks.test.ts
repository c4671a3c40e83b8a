import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/faces/cli/index.ts';
import type { LeakQuery } from '../../../src/model/index.ts';
import { capture, fakeDeps, fakeRampart } from '../../support/cli/fake.ts';
import { processReport } from '../../support/mcp/fake-rampart.ts';
import { leakReport } from '../../support/mcp/leak-report.ts';

const PROCESSES = [
  processReport({ pid: 200, name: 'leaky\u001b[31m-mcp\nok' }),
  processReport({ pid: 300, role: 'tool' }),
];

async function leaks(...args: string[]) {
  const streams = capture(90, { NO_COLOR: '1', LANG: 'C.UTF-8' });
  const asked: LeakQuery[] = [];
  const rampart = fakeRampart({
    detectLeaks: async (query) => {
      asked.push(query);
      return leakReport(PROCESSES, query);
    },
  });
  const code = await runCli(['leaks', ...args], fakeDeps({ connect: async () => rampart }), streams);
  return { code, asked, out: streams.out(), err: streams.err() };
}

describe('rampart leaks', () => {
  it('names the leak, how fast, between what, and when it meets its limit', async () => {
    const { code, out } = await leaks();
    expect(code).toBe(0);
    expect(out).toContain('1 leaking, together 12 MiB an hour');
    expect(out).toMatch(/LEAKING {2}97 % sure {2}leaky \[31m-mcp ok {2}200:2000/);
    expect(out).toContain('Between 10.0 MiB and 14.0 MiB an hour (80 % of such intervals hold).');
    expect(out).toMatch(/Reaches its limit in 12 d.* \(10 d.* to never\): RAM of the machine/);
    expect(out).not.toContain('program-300');
    expect(out).toMatch(/Confirm it: rampart inspect 200:2000 --collect\n/);
  });

  it('passes on target, window and score, and prints the report as JSON', async () => {
    const { asked, out } = await leaks('200:2000', '--window', '6h', '--min-score', '0', '--json');
    expect(asked).toEqual([{ target: '200:2000', windowMs: 6 * 3_600_000, minScore: 0, limit: 20 }]);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, findings: [{ verdict: 'leaking' }] });
  });

  it.each([['2'], ['1e9'], ['x']])('refuses a score of %s', async (score) => {
    const { code, err } = await leaks('--min-score', score);
    expect(code).toBe(64);
    expect(err).toContain('0 to 1');
  });
});
