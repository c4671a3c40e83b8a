export { AGENT_PATH, withGcAgent } from './environment.ts';
export type { GcReport } from './protocol.ts';
export { openGcReceiver } from './receiver.ts';
