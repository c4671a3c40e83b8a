import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GcReport, openGcReceiver, withGcAgent } from '../../../src/sources/gc-agent/index.ts';

const REPORT: GcReport = {
  pid: 1,
  threadId: 0,
  tMs: 1,
  forced: true,
  pauseMs: 2,
  heapUsedBytes: 3,
  externalBytes: 4,
  arrayBuffersBytes: 0,
  heapTotalBytes: 5,
  rssBytes: 6,
  tool: false,
  heapBeforeBytes: null,
};

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'rampart agent '))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the environment of a watched command', () => {
  const place = { socketPath: '/s', forceMs: 2000 };

  it('keeps the NODE_OPTIONS that stand there, and quotes the path', () => {
    const agentPath = join(dir, 'a "b".cjs');
    writeFileSync(agentPath, '');
    const env = withGcAgent({ A: '1', NODE_OPTIONS: ' --max-old-space-size=64 ' }, { ...place, agentPath });
    expect(env).toEqual({
      A: '1',
      NODE_OPTIONS: `--max-old-space-size=64 --require "${dir}/a \\"b\\".cjs"`,
      RAMPART_GC_SOCKET: '/s',
      RAMPART_GC_FORCE_MS: '2000',
    });
  });

  it('is left alone when there is no preload: --require of a missing file stops Node', () => {
    const env = { A: '1' };
    expect(withGcAgent(env, { ...place, agentPath: join(dir, 'none.cjs') })).toBe(env);
  });
});

describe('the receiver', () => {
  /** Writes to a receiver and waits until what was said is digested: the answer, or the end of the connection. */
  async function tell(text: string, answers: number): Promise<{ reports: GcReport[]; answered: number; mode: number }> {
    const reports: GcReport[] = [];
    const receiver = await openGcReceiver((report) => reports.push(report));
    const mode = statSync(dirname(receiver.path)).mode & 0o777;
    let answered = 0;
    let over = false;
    const socket = connect(receiver.path);
    socket.on('data', (bytes) => (answered += bytes.length)).on('close', () => (over = true));
    socket.on('error', () => undefined);
    socket.write(text);
    while (answered < answers && !over) await sleep(5);
    while (answers === 0 && !over) await sleep(5);
    await receiver.close();
    socket.destroy();
    return { reports, answered, mode };
  }

  it('takes reports, answers each with a byte, and lets nobody else in', async () => {
    const line = `${JSON.stringify(REPORT)}\n`;
    const { reports, answered, mode } = await tell(line + line.slice(0, 20) + line.slice(20), 2);
    expect(reports).toEqual([REPORT, REPORT]);
    expect(answered).toBe(2);
    expect(mode).toBe(0o700);
  });

  it.each([
    ['no JSON', 'hello\n'],
    ['another shape', '{"pid":1}\n'],
    ['figures that are none', `${JSON.stringify({ ...REPORT, heapUsedBytes: -1 })}\n`],
    ['a line without end', 'x'.repeat(10_000)],
  ])('ends the connection on %s', async (_, text) => {
    expect((await tell(text, 0)).reports).toEqual([]);
  });

  it('removes its socket', async () => {
    const receiver = await openGcReceiver(() => undefined);
    await receiver.close();
    expect(() => statSync(dirname(receiver.path))).toThrow('ENOENT');
  });
});
