import type { AnyTool } from '../src/faces/mcp/define-tool.ts';
import { applyOptimization } from './apply_optimization.ts';
import { captureSnapshot } from './capture_snapshot.ts';
import { detectLeaks } from './detect_leaks.ts';
import { getRecommendations } from './get_recommendations.ts';
import { listAlerts } from './list_alerts.ts';
import { listProcesses } from './list_processes.ts';
import { memoryStatus } from './memory_status.ts';
import { queryMetrics } from './query_metrics.ts';

/** Every tool, in the order in which clients see them: the first one is where to start. */
export const TOOLS: readonly AnyTool[] = [
  memoryStatus,
  listProcesses,
  detectLeaks,
  listAlerts,
  queryMetrics,
  getRecommendations,
  captureSnapshot,
  applyOptimization,
];
