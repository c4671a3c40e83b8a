export { buildSessions, unattributed } from './build-sessions.ts';
export { fanOut } from './fan-out.ts';
export { processReport, readableName, type ReportRow } from './process-report.ts';
export { room } from './room.ts';
export { PRESSURE_LEVELS, severity } from './severity.ts';
export type { SeverityLevels, SeverityVerdict } from './severity.ts';
