export { createClaudeFlowMetrics } from './claude-flow-metrics.ts';
export { type MemoryBank, watchMemoryBank } from './memory-bank.ts';
export { createMemoryIntegration, type MemoryIntegrationFile } from './memory-integration.ts';
export { type MemoryIntegration, MemoryIntegrationSchema } from './memory-integration-schema.ts';
export { openRegistry, readRegistry, type RegistryReader } from './registry.ts';
export { createSessionFiles, type SessionFiles } from './session-files.ts';
