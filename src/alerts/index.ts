export { type AlertEngine, createAlertEngine, type Evaluation } from './engine.ts';
export { INHIBITIONS } from './inhibit.ts';
export { RULES } from './rules/index.ts';
export type { CompileRegex } from './silences.ts';
export { type AlertState, readState } from './state.ts';
export { timingOf } from './timing.ts';
export { createTrend, isStraight, reach } from './trend.ts';
