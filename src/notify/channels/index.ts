import type { AnyChannel } from '../channel.ts';
import { alertmanager } from './alertmanager.ts';
import { console } from './console.ts';
import { desktop } from './desktop.ts';
import { email } from './email.ts';
import { file } from './file.ts';
import { webhook } from './webhook.ts';

/** Every channel, in the order of the docs. MCP's own is the resource `memory://alerts`, which clients subscribe to. */
export const CHANNELS: readonly AnyChannel[] = [console, file, webhook, email, alertmanager, desktop];
