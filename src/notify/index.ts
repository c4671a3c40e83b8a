export type { ChannelDeps, Terminal } from './channel.ts';
export { CHANNELS } from './channels/index.ts';
export { type Notifier, openNotifier } from './notifier.ts';
