import { asFields, field, type Fields, numberOf, textOf, timeOf } from './fields.ts';
import type { Parsed } from './file-cache.ts';

/**
 * The shapes of Claude-Flow's metrics files, as its versions 2.0 to 3.5 write them. Figures are passed on as they were
 * written and never merged into ours: `memoryFree` is free memory without page cache, `mode`, `cacheHitRate` and
 * `avgResponseTime` are literals in its source, counters start again with every command, and two writers of one file
 * overwrite each other.
 */

/** v2, `system-metrics.json`: one entry each 30 s from every process that lives longer. */
interface SystemSample {
  readonly atMs: number;
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number;
  readonly memoryFreeBytes: number;
  readonly cpuCount: number | null;
  /** Load average of a minute divided by the number of CPUs. */
  readonly cpuLoad: number | null;
  readonly platform: string | null;
  readonly uptimeMs: number | null;
}

export interface SystemMetrics {
  /** By time. The file is not: its writers put their own copies over each other's. */
  readonly samples: readonly SystemSample[];
  /** Entries without a time or a size. */
  readonly dropped: number;
  readonly outOfOrder: boolean;
}

export type PerformanceMetrics =
  | {
      /** 'v2-counters': 2.0 alpha · 'v2-session': 2.7, with the session and its storage mode. */
      readonly shape: 'v2-counters' | 'v2-session';
      readonly startedAtMs: number | null;
      readonly totalTasks: number | null;
      readonly successfulTasks: number | null;
      readonly failedTasks: number | null;
      readonly totalAgents: number | null;
      readonly activeAgents: number | null;
      readonly neuralEvents: number | null;
      readonly sessionId: string | null;
      readonly lastActivityMs: number | null;
      readonly memoryMode: string | null;
    }
  | {
      /** Written by v3's daemon: its own `process.memoryUsage()`. */
      readonly shape: 'v3-daemon';
      readonly atMs: number | null;
      readonly mode: string | null;
      readonly uptimeMs: number | null;
      readonly daemonMemory: {
        readonly rssBytes: number;
        readonly heapTotalBytes: number | null;
        readonly heapUsedBytes: number | null;
        readonly externalBytes: number | null;
        readonly arrayBuffersBytes: number | null;
      };
    }
  | {
      /** Written by v3's helper script: targets of a marketing table, no measurement of memory. */
      readonly shape: 'v3-helper';
      readonly updatedAtMs: number | null;
      readonly memoryReduction: string | null;
      readonly startupTime: string | null;
    };

export interface TaskMetric {
  readonly id: string;
  readonly type: string | null;
  readonly success: boolean | null;
  readonly durationMs: number | null;
  readonly atMs: number | null;
}

export interface AgentMetric {
  readonly type: string;
  readonly total: number | null;
  readonly successful: number | null;
  readonly failed: number | null;
  readonly totalDurationMs: number | null;
}

/** v3, `swarm-activity.json`: what it counted in a process list by name. */
export interface SwarmActivity {
  readonly atMs: number | null;
  readonly active: boolean | null;
  readonly agentCount: number | null;
  readonly mcpServers: number | null;
}

/** 24 hours at two samples a minute; a file with more is cut to the newest. */
const MAX_SAMPLES = 2880;
const MAX_TASKS = 1000;
const MAX_AGENT_TYPES = 200;

export function parseSystemMetrics(json: unknown): Parsed<SystemMetrics> {
  if (!Array.isArray(json)) return { problem: 'not a list of samples' };
  const newest = json.slice(-MAX_SAMPLES);
  const samples = newest.flatMap((entry: unknown) => systemSample(asFields(entry)) ?? []);
  const outOfOrder = samples.some((sample, index) => sample.atMs < (samples[index - 1]?.atMs ?? 0));
  return {
    value: {
      samples: samples.toSorted((a, b) => a.atMs - b.atMs),
      dropped: newest.length - samples.length,
      outOfOrder,
    },
  };
}

function systemSample(fields: Fields | null): SystemSample | null {
  if (fields === null) return null;
  const atMs = timeOf(fields['timestamp']);
  const [total, used, free] = ['memoryTotal', 'memoryUsed', 'memoryFree'].map((name) => sizeOf(fields[name]));
  if (atMs === null || total == null || used == null || free == null) return null;
  return {
    atMs,
    memoryTotalBytes: total,
    memoryUsedBytes: used,
    memoryFreeBytes: free,
    cpuCount: numberOf(fields['cpuCount']),
    cpuLoad: numberOf(fields['cpuLoad']),
    platform: textOf(fields['platform'], 40),
    uptimeMs: secondsOf(fields['uptime']),
  };
}

export function parsePerformance(json: unknown): Parsed<PerformanceMetrics> {
  const fields = asFields(json);
  if (fields === null) return { problem: 'not an object' };
  const memoryUsage = asFields(fields['memoryUsage']);
  const rssBytes = sizeOf(memoryUsage?.['rss']);
  if (memoryUsage !== null && rssBytes !== null) return { value: daemonPerformance(fields, memoryUsage, rssBytes) };
  if (numberOf(fields['totalTasks']) !== null) return { value: v2Performance(fields) };
  if (fields['search'] != null || fields['flashAttention'] != null || fields['startupTime'] != null) {
    return {
      value: {
        shape: 'v3-helper',
        updatedAtMs: timeOf(field(fields, 'last-updated', 'lastUpdated')),
        memoryReduction: labelOf(asFields(fields['memory'])?.['reduction']),
        startupTime: labelOf(asFields(fields['startupTime'])?.['current']),
      },
    };
  }
  return { problem: 'a shape that no known version of Claude-Flow writes' };
}

function daemonPerformance(fields: Fields, memory: Fields, rssBytes: number): PerformanceMetrics {
  return {
    shape: 'v3-daemon',
    atMs: timeOf(fields['timestamp']),
    mode: textOf(fields['mode'], 40),
    uptimeMs: secondsOf(fields['uptime']),
    daemonMemory: {
      rssBytes,
      heapTotalBytes: sizeOf(memory['heapTotal']),
      heapUsedBytes: sizeOf(memory['heapUsed']),
      externalBytes: sizeOf(memory['external']),
      arrayBuffersBytes: sizeOf(memory['arrayBuffers']),
    },
  };
}

function v2Performance(fields: Fields): PerformanceMetrics {
  const sessionId = textOf(fields['sessionId']);
  return {
    shape: sessionId === null ? 'v2-counters' : 'v2-session',
    startedAtMs: timeOf(fields['startTime']),
    totalTasks: numberOf(fields['totalTasks']),
    successfulTasks: numberOf(fields['successfulTasks']),
    failedTasks: numberOf(fields['failedTasks']),
    totalAgents: numberOf(fields['totalAgents']),
    activeAgents: numberOf(fields['activeAgents']),
    neuralEvents: numberOf(fields['neuralEvents']),
    sessionId,
    lastActivityMs: timeOf(fields['lastActivity']),
    memoryMode: textOf(asFields(fields['memoryMode'])?.['currentMode'] ?? fields['memoryMode'], 40),
  };
}

export function parseTaskMetrics(json: unknown): Parsed<readonly TaskMetric[]> {
  if (!Array.isArray(json)) return { problem: 'not a list of tasks' };
  return {
    value: json.slice(-MAX_TASKS).flatMap((entry: unknown) => {
      const fields = asFields(entry);
      const id = textOf(fields?.['id']);
      if (fields === null || id === null) return [];
      return {
        id,
        type: textOf(fields['type']),
        success: typeof fields['success'] === 'boolean' ? fields['success'] : null,
        durationMs: numberOf(fields['duration']),
        atMs: timeOf(fields['timestamp']),
      };
    }),
  };
}

/** `{}` in every run that was seen; its writer's source has `{ <type>: { total, successful, failed, totalDuration } }`. */
export function parseAgentMetrics(json: unknown): Parsed<readonly AgentMetric[]> {
  const fields = asFields(json);
  if (fields === null) return { problem: 'not an object' };
  return {
    value: Object.entries(fields)
      .slice(0, MAX_AGENT_TYPES)
      .flatMap(([type, entry]) => {
        const agent = asFields(entry);
        if (agent === null) return [];
        return {
          type: textOf(type) ?? 'unnamed',
          total: numberOf(agent['total']),
          successful: numberOf(agent['successful']),
          failed: numberOf(agent['failed']),
          totalDurationMs: numberOf(agent['totalDuration']),
        };
      }),
  };
}

export function parseSwarmActivity(json: unknown): Parsed<SwarmActivity> {
  const fields = asFields(json);
  if (fields === null) return { problem: 'not an object' };
  const swarm = asFields(fields['swarm']);
  const active = swarm?.['active'];
  return {
    value: {
      atMs: timeOf(fields['timestamp']),
      active: typeof active === 'boolean' ? active : null,
      agentCount: numberOf(swarm?.['agent_count']),
      mcpServers: numberOf(asFields(fields['processes'])?.['mcp_server']),
    },
  };
}

/** Bytes: a negative or broken figure is none. */
function sizeOf(value: unknown): number | null {
  const size = numberOf(value);
  return size !== null && size >= 0 ? size : null;
}

function secondsOf(value: unknown): number | null {
  const seconds = sizeOf(value);
  return seconds === null ? null : Math.round(seconds * 1000);
}

/** The helper writes '73%' or 73. */
function labelOf(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : textOf(value, 40);
}
