export { decodeStatus, signalOf } from './exit-status.ts';
export { judgeDeath } from './judge.ts';
export { keep, mayMatter } from './keep.ts';
export { resumeOf } from './resume.ts';
export { type DeathSigns, LOG_SLACK_MS } from './signs.ts';
export { deathSummary, listSummary } from './summary.ts';
