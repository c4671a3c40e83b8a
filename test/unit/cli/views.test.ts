import { describe, expect, it } from 'vitest';
import { doctorLines, healthLines } from '../../../src/faces/cli/present/checks.ts';
import { configLines } from '../../../src/faces/cli/present/config.ts';
import { ASCII, UNICODE } from '../../../src/faces/cli/present/glyphs.ts';
import { historyLines } from '../../../src/faces/cli/present/history.ts';
import { type Line, lineWidth, plainText } from '../../../src/faces/cli/present/line.ts';
import { statusLines } from '../../../src/faces/cli/present/status.ts';
import { buildTree, nodeMemory, type TreeNode } from '../../../src/faces/cli/present/tree.ts';
import { eventLine, pulseLine } from '../../../src/faces/cli/present/watch.ts';
import type { ProcessReport } from '../../../src/model/index.ts';
import { fakeDeps, fakeRampart } from '../../support/cli/fake.ts';
import {
  doctorReport,
  healthReport,
  NOW_MS,
  processReport,
  SESSION_A,
  sessionReport,
  statusReport,
} from '../../support/cli/reports.ts';

const text = (lines: readonly Line[]): string => lines.map(plainText).join('\n');
const status = (width = 100, all = false): string => text(statusLines(statusReport(), { width, glyphs: UNICODE, all }));

describe('the status view', () => {
  it('answers first: severity and summary', () => {
    expect(status().split('\n')[0]).toMatch(/^● OK {2}2 agent sessions use 2\.62 GiB/);
  });

  it('shows the heaviest session first, as a tree with the wrapper tax in the server row', () => {
    const lines = status(140).split('\n');
    const at = (needle: string): number => lines.findIndex((row) => row.includes(needle));
    expect(at('my-project')).toBeGreaterThan(0);
    expect(at('my-project')).toBeLessThan(at('website'));
    expect(lines[at('server server-memory')]).toContain('44.3 MiB of it is the wrapper npx > sh');
    expect(lines[at('server server-memory')]).toMatch(/^ *80\.3 MiB/);
    expect(lines[at('tool vitest')]).toMatch(/ {3}└─ tool vitest/);
    expect(status()).not.toContain('wrapper server-memory');
  });

  it('puts the orphan with its evidence before the rest, and counts the rest', () => {
    const out = status(140);
    expect(out).toContain('▲ orphan  server browser-tools  pid 300 · was in session dead0000');
    expect(out).toContain('nobody holds the other end of its stdin, seen twice (97 % sure)');
    expect(out).toContain('12 other processes of no session (--all lists them)');
    expect(status(140, true)).toContain('daemon-11');
  });

  it('marks figures that are RSS, and says that RSS over-counts', () => {
    expect(status()).toContain('~60.0 MiB');
    expect(status()).toMatch(/RSS counts shared pages once per process/);
  });

  it('has the bill, the room, its own cost and what it could not see', () => {
    const out = status(140);
    expect(out).toContain('Fan-out 2 sessions × 3 servers = 1.44 GiB');
    expect(out).toContain('Room    7 more claude-code sessions (1.31 GiB each, the median of 2; 2.34 GiB kept free)');
    expect(out).toContain('Rampart 61.0 MiB · 0.2 % of a core');
    expect(out).toContain('21 processes, 4 hidden from this user, by linux procfs');
  });

  it('says when it is a single look', () => {
    const one = text(statusLines(statusReport({ origin: 'one-shot' }), { width: 100, glyphs: UNICODE, all: false }));
    expect(one).toContain('No service is running: this is a look of our own');
    expect(status()).not.toContain('a look of our own');
  });

  it('fits every width from 60 on, in ASCII too', () => {
    for (const width of [60, 72, 80, 100, 200]) {
      for (const glyphs of [UNICODE, ASCII]) {
        for (const row of statusLines(statusReport(), { width, glyphs, all: true })) {
          expect(lineWidth(row)).toBeLessThanOrEqual(width);
        }
      }
    }
  });

  it('says so when no agent runs', () => {
    const none = text(
      statusLines(statusReport({ sessions: [], unattributed: [] }), { width: 80, glyphs: UNICODE, all: false }),
    );
    expect(none).toContain('No agent session is running.');
  });

  it('lets nothing through that a process put into its name', () => {
    const evil = processReport({
      pid: 9,
      role: 'tool',
      name: 'x\u001b[2J\n● OK  all fine',
      verdict: 'orphan',
      verdictEvidence: [{ kind: 'x', detail: 'ghp_abcdefgh12345678\u001b]0;title\u0007' }],
    });
    const report = statusReport({ sessions: [sessionReport(SESSION_A, 'a\u202eb\nc', 'busy', [evil])] });
    const out = text(statusLines(report, { width: 100, glyphs: UNICODE, all: true }));
    // eslint-disable-next-line no-control-regex
    expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(out).not.toContain('abcdefgh12345678');
    expect(out.split('\n').filter((row) => row.startsWith('● OK'))).toHaveLength(1);
  });
});

describe('the tree', () => {
  const flatten = (nodes: readonly TreeNode[]): ProcessReport[] =>
    nodes.flatMap((node) => [node.process, ...node.wrappers, ...flatten(node.children)]);

  it('loses no process, even when parents name each other', () => {
    const a = processReport({ pid: 1, ppid: 2, startTime: 5, role: 'tool' });
    const b = processReport({ pid: 2, ppid: 1, startTime: 5, role: 'wrapper' });
    const c = processReport({ pid: 3, ppid: 3, role: 'wrapper' });
    expect(
      flatten(buildTree([a, b, c]))
        .map(({ pid }) => pid)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2, 3]);
  });

  it('takes a reused pid for no parent', () => {
    const child = processReport({ pid: 10, ppid: 20, startTime: 100, role: 'tool' });
    const later = processReport({ pid: 20, startTime: 200, role: 'agent' });
    expect(buildTree([child, later])).toHaveLength(2);
  });

  it('folds a chain into its server only when it leads to one server and nothing else', () => {
    const npx = processReport({ pid: 1, role: 'wrapper', pssBytes: 10, swapBytes: 0 });
    const server = processReport({ pid: 2, ppid: 1, role: 'server', pssBytes: 5, swapBytes: 1 });
    const other = processReport({ pid: 3, ppid: 1, role: 'tool' });
    const [one] = buildTree([npx, server]);
    expect(one?.process.pid).toBe(2);
    expect(one === undefined ? null : nodeMemory(one)).toEqual({ bytes: 16, exact: true });
    expect(buildTree([npx, server, other])[0]?.process.pid).toBe(1);
    expect(buildTree([npx])[0]?.process.pid).toBe(1);
  });
});

describe('checks', () => {
  it('health shows the worst first with its next step', () => {
    const report = healthReport('critical');
    const lines = healthLines({ ...report, checks: report.checks.toReversed() }, { width: 90, glyphs: UNICODE }).map(
      plainText,
    );
    expect(lines[0]).toBe('■ CRITICAL  1 check of 2 needs you');
    expect(lines[2]).toContain('■ critical   host memory  13.3 GiB');
    expect(lines[3]).toContain('→ close a session');
    expect(plainText(healthLines(healthReport('ok'), { width: 90, glyphs: UNICODE })[0] ?? [])).toBe(
      '● OK  nothing needs you',
    );
  });

  it('doctor shows what is missing first, with the fix', () => {
    const lines = doctorLines(doctorReport(), { width: 90, glyphs: ASCII }).map(plainText);
    expect(lines[0]).toBe('1 thing cannot be seen or done here.');
    expect(lines[2]).toMatch(/^! missing +pss/);
    expect(lines[3]).toContain('-> run the service as their user or as root');
    expect(lines.at(-1)).toMatch(/works +processes/);
  });
});

describe('the other views', () => {
  it('config shows values as people write them, and where they came from', async () => {
    const view = await fakeDeps().config({});
    const out = text(configLines(view, { width: 100, glyphs: UNICODE, verbose: false }));
    expect(out).toMatch(/sampleInterval +1000 \(1 s\) +default/);
    expect(out).toMatch(/http\.port +4000 +RAMPART_HTTP__PORT/);
    expect(out).toMatch(/history\.maxBytes +268435456 \(256 MiB\) +file/);
    expect(text(configLines(view, { width: 100, glyphs: UNICODE, verbose: true }))).toContain('    RAMPART_HTTP__PORT');
  });

  it('history draws the curve with its ends, and says when there is nothing', async () => {
    const answer = await fakeRampart().queryMetrics({
      subject: 'host',
      metric: 'rssBytes',
      fromMs: 0,
      toMs: 3_600_000,
      maxPoints: 60,
    });
    const out = text(historyLines({ answer, fromMs: 0, toMs: 3_600_000 }, { width: 80, glyphs: UNICODE }));
    expect(out).toContain('host rssBytes  1 h');
    expect(out).toMatch(/█$/m);
    expect(out).toContain('600 samples in steps of 1 min');
    const sparse = {
      ...answer,
      buckets: answer.buckets.filter((_, step) => step % 4 === 0 && (step < 20 || step > 44)),
    };
    const drawn = historyLines({ answer: sparse, fromMs: 0, toMs: 3_600_000 }, { width: 80, glyphs: UNICODE }).map(
      plainText,
    );
    // Samples that are apart are joined; the long pause in the middle is not.
    expect(drawn[8]?.slice(13).replace(/[▁▂▃▄▅▆▇█]+/g, 'x')).toMatch(/^x {5,}x$/);
    const none = { ...answer, buckets: [], heldFromMs: null, heldToMs: null };
    expect(text(historyLines({ answer: none, fromMs: 0, toMs: 1 }, { width: 80, glyphs: UNICODE }))).toContain(
      'holds no sample',
    );
  });

  it('start has one line for the state and one for what happens', () => {
    expect(plainText(pulseLine(statusReport(), UNICODE))).toMatch(
      /● OK {2}2 sessions 2\.56 GiB · 13\.3 GiB available · 1 process to look at/,
    );
    const event = {
      type: 'session:started',
      atMs: NOW_MS,
      sessionId: SESSION_A,
      client: 'claude-code\u001b[2J',
    } as const;
    expect(plainText(eventLine(event) ?? [])).toMatch(/claude-code \[2J session 3f9a2c11 started$/);
    expect(eventLine({ type: 'tick', atMs: NOW_MS, processes: 1, memoryAvailableBytes: 1 })).toBeNull();
  });
});

describe('many of the same', () => {
  const zombies = Array.from({ length: 1300 }, (_, index) =>
    processReport({
      pid: 5000 + index,
      role: 'other',
      name: 'program',
      client: null,
      sessionId: null,
      verdict: 'zombie',
      pssBytes: 0,
      rssBytes: 0,
      verdictEvidence: [{ kind: 'state', detail: 'It has ended.' }],
    }),
  );
  const forks = Array.from({ length: 23 }, (_, index) =>
    processReport({ pid: 900 + index, ppid: 800, role: 'tool', name: 'vitest', pssBytes: 100 * 1024 ** 2 }),
  );
  const agent = processReport({ pid: 800, role: 'agent', name: 'claude' });
  const report = statusReport({
    sessions: [sessionReport(SESSION_A, 'shop', 'busy', [agent, ...forks])],
    unattributed: zombies,
  });

  it('are one row with their sum, unless all were asked for', () => {
    const lines = statusLines(report, { width: 120, glyphs: UNICODE, all: false }).map(plainText);
    expect(lines.find((row) => row.includes('zombie'))).toMatch(
      /0 B .* ▲ zombie +1300 × other program {2}pid 5000, 5001, 5002, …/,
    );
    expect(lines.find((row) => row.includes('vitest'))).toMatch(/2\.25 GiB .* 23 × tool vitest/);
    expect(lines.length).toBeLessThan(30);
    expect(statusLines(report, { width: 120, glyphs: UNICODE, all: true }).length).toBeGreaterThan(1300);
  });

  it('an orphaned npx chain is one row with its wrapper tax', () => {
    const orphan = { client: 'claude-code', verdict: 'orphan' as const, sessionId: SESSION_A };
    const npx = processReport({ pid: 70, role: 'wrapper', serverName: 'notes', command: 'npm exec notes', ...orphan });
    const server = processReport({ pid: 71, ppid: 70, role: 'server', serverName: 'notes', ...orphan });
    const out = text(
      statusLines(statusReport({ sessions: [], unattributed: [npx, server] }), {
        width: 140,
        glyphs: UNICODE,
        all: false,
      }),
    );
    expect(out).toMatch(
      /80\.0 MiB .* server notes {2}pid 71 · was in session 3f9a2c11 · 40\.0 MiB of it is the wrapper npm/,
    );
  });
});
