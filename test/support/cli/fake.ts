import type { CliDeps, Streams } from '../../../src/faces/cli/index.ts';
import { type Rampart, RampartError, type StatusReport } from '../../../src/model/index.ts';
import { questions } from '../../../src/service/socket/protocol.ts';
import { doctorReport, healthReport, NOW_MS, statusReport } from './reports.ts';

/** A Rampart that answers from reports, and counts its closings. */
export function fakeRampart(part: Partial<Rampart> = {}): Rampart & { closed: number } {
  const rampart = {
    ...questions(async () => {
      throw new RampartError('unsupported', 'not faked', 'Give the fake an answer.');
    }),
    closed: 0,
    status: async (): Promise<StatusReport> => statusReport(),
    self: async () => ({ session: null, process: null, shareOfSessions: null, shareOfHost: null, reason: 'a fake' }),
    listProcesses: async () => ({ atMs: NOW_MS, total: 0, processes: [], nextCursor: null }),
    queryMetrics: async ({ subject, metric, fromMs, toMs }: Parameters<Rampart['queryMetrics']>[0]) => ({
      subject,
      metric,
      stepMs: (toMs - fromMs) / 60,
      buckets: Array.from({ length: 60 }, (_, step) => ({
        tMs: fromMs + ((toMs - fromMs) / 60) * step,
        min: step * 1e6,
        mean: step * 1e6 + 5e5,
        max: step * 1e6 + 1e6,
        count: 10,
      })),
      heldFromMs: fromMs,
      heldToMs: toMs,
    }),
    detectLeaks: async () => ({
      schemaVersion: 1 as const,
      atMs: NOW_MS,
      watched: 0,
      tooYoung: 0,
      findings: [],
      more: 0,
      summary: 'No leak found; 0 watched.',
    }),
    health: async () => healthReport('ok'),
    doctor: async () => doctorReport(),
    subscribe: async () => () => undefined,
    close: async () => {
      rampart.closed += 1;
    },
    ...part,
  };
  return rampart;
}

const noService = (): RampartError =>
  new RampartError('service-unavailable', 'no Rampart service runs', 'Start one: `rampart start`.');

export function fakeDeps(part: Partial<CliDeps> = {}): CliDeps {
  return {
    version: '1.2.3-test',
    clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 },
    connect: async () => fakeRampart(),
    ensureService: async () => fakeRampart(),
    openPrivate: async () => fakeRampart({ status: async () => statusReport({ origin: 'one-shot' }) }),
    runService: async () => {
      throw noService();
    },
    runMcp: async () => undefined,
    config: async () => ({
      file: '/home/ada/rampart.config.json',
      places: { state: '/home/ada/.local/state/rampart' },
      values: [
        {
          name: 'sampleInterval',
          value: 1000,
          kind: 'ms',
          from: 'default',
          detail: null,
          description: 'Time between looks.',
          variable: 'RAMPART_SAMPLE_INTERVAL',
          notYet: null,
        },
        {
          name: 'http.port',
          value: 4000,
          kind: 'count',
          from: 'environment',
          detail: 'RAMPART_HTTP__PORT',
          description: 'Port.',
          variable: 'RAMPART_HTTP__PORT',
          notYet: null,
        },
        {
          name: 'history.maxBytes',
          value: 268_435_456,
          kind: 'bytes',
          from: 'file',
          detail: '/home/ada/rampart.config.json',
          description: 'Most bytes.',
          variable: 'RAMPART_HISTORY__MAX_BYTES',
          notYet: null,
        },
      ],
    }),
    testRules: async () => [{ name: 'a test', failures: [] }],
    killSwitch: { isStopped: async () => false, stop: async () => undefined, release: async () => undefined },
    clients: async () => ['claude-code', 'codex'],
    clientEntry: async (client, transport) => ({
      client,
      title: 'Claude Code',
      file: '~/.claude.json',
      language: 'json',
      text: `{"transport":"${transport}"}`,
      command: 'claude mcp add rampart -- rampart mcp',
      notes: ['Restart the client.'],
    }),
    ...part,
  };
}

export interface Capture extends Streams {
  out(): string;
  err(): string;
}

/** Streams that keep what is written; `tty` is the width of a terminal, absent: a pipe. */
export function capture(tty: number | null = null, env: Record<string, string> = { LANG: 'C.UTF-8' }): Capture {
  let out = '';
  let err = '';
  const shape = tty === null ? {} : { isTTY: true, columns: tty, rows: 24 };
  return {
    stdin: { on: () => undefined, off: () => undefined, resume: () => undefined, pause: () => undefined },
    stdout: { ...shape, write: (text) => (out += text) },
    stderr: { ...shape, write: (text) => (err += text) },
    env,
    platform: 'linux',
    out: () => out,
    err: () => err,
  };
}
