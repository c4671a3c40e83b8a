export {
  createClaudeFlowMetrics,
  type ClaudeFlowMetrics,
  type ClaudeFlowMetricsReader,
} from './claude-flow-metrics.ts';
export { type BankStats, type MemoryBank, watchMemoryBank } from './memory-bank.ts';
export { createMemoryIntegration, type MemoryIntegrationFile, type Published } from './memory-integration.ts';
export { type MemoryIntegration, MemoryIntegrationSchema } from './memory-integration-schema.ts';
export { openRegistry, readRegistry, type RegistryReader } from './registry.ts';
