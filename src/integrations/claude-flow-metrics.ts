import { join } from 'node:path';
import {
  type AgentMetric,
  parseAgentMetrics,
  parsePerformance,
  parseSwarmActivity,
  parseSystemMetrics,
  parseTaskMetrics,
  type PerformanceMetrics,
  type SwarmActivity,
  type SystemMetrics,
  type TaskMetric,
} from './claude-flow-shapes.ts';
import type { ProjectReaderOptions } from './claude-flow-pids.ts';
import { createFileCache, type Parsed, type Seen } from './file-cache.ts';

/** What one metrics file holds: the last good content, or why there is none. */
interface MetricsFile<T> extends Seen<T> {
  readonly path: string;
}

/** Every file of `.claude-flow/metrics/` that says something about memory or load. */
interface ClaudeFlowMetrics {
  readonly system: MetricsFile<SystemMetrics>;
  readonly performance: MetricsFile<PerformanceMetrics>;
  readonly tasks: MetricsFile<readonly TaskMetric[]>;
  readonly agents: MetricsFile<readonly AgentMetric[]>;
  readonly swarm: MetricsFile<SwarmActivity>;
}

export interface ClaudeFlowMetricsReader {
  /** Never throws. v2 rewrites its files in place, so about half of all looks at a fresh one find it empty. */
  read(): ClaudeFlowMetrics;
}

/** 24 hours of system-metrics.json are 0.9 MB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** Reads Claude-Flow's metrics files of a project; never writes any. */
export function createClaudeFlowMetrics({ project, nowMs = Date.now }: ProjectReaderOptions): ClaudeFlowMetricsReader {
  function file<T>(name: string, parse: (json: unknown) => Parsed<T>): () => MetricsFile<T> {
    const path = join(project, '.claude-flow', 'metrics', name);
    const cache = createFileCache<T>({ root: project, maxBytes: MAX_FILE_BYTES, nowMs, parse });
    return () => ({ path, ...(cache.read(path) ?? { value: null, problem: 'does not exist' }) });
  }
  const system = file('system-metrics.json', parseSystemMetrics);
  const performance = file('performance.json', parsePerformance);
  const tasks = file('task-metrics.json', parseTaskMetrics);
  const agents = file('agent-metrics.json', parseAgentMetrics);
  const swarm = file('swarm-activity.json', parseSwarmActivity);
  return {
    read: () => ({
      system: system(),
      performance: performance(),
      tasks: tasks(),
      agents: agents(),
      swarm: swarm(),
    }),
  };
}
