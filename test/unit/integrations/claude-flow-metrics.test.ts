import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClaudeFlowMetrics } from '../../../src/integrations/index.ts';
import { put, tree } from '../../support/integrations/files.ts';

const FIXTURES = 'test/fixtures/claude-flow';

function metricsOf(version: string) {
  const project = tree();
  cpSync(join(FIXTURES, version), project, { recursive: true });
  return createClaudeFlowMetrics({ project }).read();
}

const metricsWith = (files: Readonly<Record<string, unknown>>) =>
  createClaudeFlowMetrics({
    project: tree(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [`.claude-flow/metrics/${name}`, content])),
    ),
  });

describe('what versions of Claude-Flow write', () => {
  it('2.0 alpha', () => {
    const { system, performance, tasks, agents, swarm } = metricsOf('2.0.0-alpha.108');
    expect(system.value).toMatchObject({ dropped: 0, outOfOrder: false });
    expect(system.value?.samples).toHaveLength(3);
    expect(system.value?.samples[0]).toEqual({
      atMs: 1_795_335_387_290,
      memoryTotalBytes: 25_276_510_208,
      memoryUsedBytes: 4_176_068_608,
      memoryFreeBytes: 21_100_441_600,
      cpuCount: 2,
      cpuLoad: 3.735,
      platform: 'linux',
      uptimeMs: 2_143_400,
    });
    expect(performance.value).toMatchObject({
      shape: 'v2-counters',
      totalTasks: 1,
      startedAtMs: 1_795_335_004_536,
      sessionId: null,
    });
    expect(tasks.value).toEqual([
      {
        id: 'cmd-status-1795335004846',
        type: 'status',
        success: true,
        durationMs: 29.992878999999903,
        atMs: 1_795_335_004_877,
      },
    ]);
    expect(agents).toMatchObject({ value: [], problem: null });
    expect(swarm).toMatchObject({ value: null, problem: 'does not exist' });
  });

  it('2.7', () => {
    const { system, performance } = metricsOf('2.7');
    expect(system.value?.samples.map(({ platform }) => platform)).toEqual(Array(6).fill('darwin'));
    expect(performance.value).toMatchObject({
      shape: 'v2-session',
      sessionId: 'session-1760383491119',
      lastActivityMs: 1_760_383_499_000,
      memoryMode: 'auto',
    });
  });

  it("3.5: the daemon's", () => {
    const { system, performance, swarm } = metricsOf('3.5.80');
    expect(system.problem).toBe('does not exist');
    expect(performance.value).toEqual({
      shape: 'v3-daemon',
      atMs: Date.parse('2026-11-22T08:02:15.235Z'),
      mode: 'local',
      uptimeMs: 2616,
      daemonMemory: {
        rssBytes: 67_014_656,
        heapTotalBytes: 19_628_032,
        heapUsedBytes: 12_507_584,
        externalBytes: 3_497_634,
        arrayBuffersBytes: 1_257_395,
      },
    });
    expect(swarm.value).toEqual({
      atMs: Date.parse('2026-11-22T08:21:05.570Z'),
      active: false,
      agentCount: 0,
      mcpServers: 0,
    });
  });

  it("3.5: the helper script's", () => {
    const helper = readFileSync(join(FIXTURES, '3.5.80/performance-helper.json'), 'utf8');
    expect(metricsWith({ 'performance.json': helper }).read().performance.value).toEqual({
      shape: 'v3-helper',
      updatedAtMs: Date.parse('2026-11-22T08:21:05Z'),
      memoryReduction: '50%',
      startupTime: '480ms',
    });
  });

  it("3.5: the helper's keys merged into the daemon's file count as the daemon's, which are measured", () => {
    const daemon = JSON.parse(
      readFileSync(join(FIXTURES, '3.5.80/.claude-flow/metrics/performance.json'), 'utf8'),
    ) as object;
    const helper = JSON.parse(readFileSync(join(FIXTURES, '3.5.80/performance-helper.json'), 'utf8')) as object;
    const { performance } = metricsWith({ 'performance.json': { ...daemon, ...helper } }).read();
    expect(performance.value?.shape).toBe('v3-daemon');
  });

  it('agents as the source of 2.0 writes them, which no run was seen to do', () => {
    const content = { coder: { total: 2, successful: 1, failed: 1, totalDuration: 30, actions: [] }, x: 'y' };
    expect(metricsWith({ 'agent-metrics.json': content }).read().agents.value).toEqual([
      { type: 'coder', total: 2, successful: 1, failed: 1, totalDurationMs: 30 },
    ]);
  });
});

describe('what should not be there', () => {
  const sample = (timestamp: unknown, memoryUsed: unknown = 5) => ({
    timestamp,
    memoryTotal: 10,
    memoryUsed,
    memoryFree: 5,
  });
  const T = 1_795_335_387_290;

  it('sorts samples that two writers put out of order, and counts the broken ones', () => {
    const list = [sample(T + 2000), sample(T), sample(T + 1000), sample('x'), sample(T, null), sample(T, -1), 7, null];
    const { value } = metricsWith({ 'system-metrics.json': list }).read().system;
    expect(value?.samples.map(({ atMs }) => atMs - T)).toEqual([0, 1000, 2000]);
    expect(value).toMatchObject({ dropped: 5, outOfOrder: true });
  });

  it('keeps the newest of a list that is too long', () => {
    const list = Array.from({ length: 4000 }, (_, index) => sample(T + index));
    const { value } = metricsWith({ 'system-metrics.json': list }).read().system;
    expect(value?.samples).toHaveLength(2880);
    expect(value?.samples.at(-1)?.atMs).toBe(T + 3999);
  });

  it.each<[string, string, unknown, RegExp]>([
    ['system', 'system-metrics.json', '', /^empty/],
    ['system', 'system-metrics.json', '[{"timestamp":17', /^not complete/],
    ['system', 'system-metrics.json', {}, /not a list/],
    ['system', 'system-metrics.json', ' '.repeat(4 * 1024 * 1024 + 1), /more than/],
    ['performance', 'performance.json', '', /^empty/],
    ['performance', 'performance.json', '{"startTime": 1795335004536, "tot', /^not complete/],
    ['performance', 'performance.json', [], /not an object/],
    ['performance', 'performance.json', { hello: 1 }, /no known version/],
    ['tasks', 'task-metrics.json', {}, /not a list/],
    ['agents', 'agent-metrics.json', [], /not an object/],
    ['swarm', 'swarm-activity.json', 'null', /not an object/],
  ])('gives a reason: %s %#', (name, file, content, reason) => {
    const result = metricsWith({ [file]: content }).read()[name as 'system'];
    expect(result).toMatchObject({ value: null, problem: expect.stringMatching(reason) });
  });

  it('keeps the last good content when a writer is caught with an empty file', () => {
    const project = tree({ '.claude-flow/metrics/system-metrics.json': [sample(T)] });
    const metrics = createClaudeFlowMetrics({ project });
    metrics.read();
    put(project, '.claude-flow/metrics/system-metrics.json', '');
    const { system } = metrics.read();
    expect(system.problem).toMatch(/empty/);
    expect(system.value?.samples).toHaveLength(1);
  });

  it('is quiet in a project without Claude-Flow', () => {
    const { system, performance } = createClaudeFlowMetrics({ project: tree() }).read();
    expect([system.problem, performance.problem]).toEqual(['does not exist', 'does not exist']);
  });
});
