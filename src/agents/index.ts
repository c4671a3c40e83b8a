export { attribute } from './attribute.ts';
export { isAbout } from './claims.ts';
export { isInterpreter, readCommand } from './command.ts';
export { ENVIRONMENT_NAMES, filterEnvironment } from './environment.ts';
export { groupBy } from './group-by.ts';
export { createLifecycle, needsLifeSigns } from './lifecycle/index.ts';
export type { LifecycleRow } from './lifecycle/index.ts';
export { AttributionMemory } from './memory.ts';
export type { ProcessRow } from './row.ts';
