export { type AlertChange, type AlertEngine, createAlertEngine } from './engine.ts';
export { RULES } from './rules/index.ts';
export { readState } from './state.ts';
export { timingOf } from './timing.ts';
