import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Notification, RampartError } from '../../model/index.ts';
import { defineChannel } from '../channel.ts';
import { SendFailure } from '../failure.ts';
import { alertLines, heading } from '../outgoing.ts';

/** The program returns at once, or has no session bus to talk to and hangs. */
const TIMEOUT_MS = 5_000;
/** A bubble shows no more. */
const LINES = 4;

/** A desktop notification, where there is a desktop. The program is started without a shell. */
export const desktop = defineChannel({
  name: 'desktop',
  title: 'desktop notifications (notify-send, osascript)',
  wants: ({ enabled }) => enabled,
  traits: () => ({
    durable: false,
    timeoutMs: TIMEOUT_MS,
    sendResolved: false,
    digestMs: 0,
    rate: { burst: 3, everyMs: 30_000 },
    refreshMs: null,
  }),
  async open(_config, { platform, env }) {
    const command = platform === 'darwin' ? 'osascript' : 'notify-send';
    const program = platform === 'win32' ? null : onPath(command, env['PATH'] ?? '');
    if (program === null) {
      const hint = platform === 'linux' ? 'Install it (Debian: apt install libnotify-bin).' : 'Use another channel.';
      throw new RampartError('unsupported', `${command} is not there`, hint);
    }
    const words = platform === 'darwin' ? appleScript : notifySend;
    let closed = false;
    return {
      async send(notification, signal) {
        if (closed) throw new SendFailure('unreachable', 'closed');
        return run(program, words(notification), signal);
      },
      async close() {
        closed = true;
      },
    };
  },
});

function notifySend(notification: Notification): string[] {
  const urgency = notification.level === 'warning' ? 'normal' : 'critical';
  // Servers read the body as markup.
  const body = bodyOf(notification).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return [`--urgency=${urgency}`, '--app-name=Rampart', '--category=device.error', '--', heading(notification), body];
}

/** The texts are arguments of the script, never part of it. */
function appleScript(notification: Notification): string[] {
  const script = 'on run {heading, body}\ndisplay notification body with title "Rampart" subtitle heading\nend run';
  return ['-e', script, heading(notification), bodyOf(notification)];
}

const bodyOf = (notification: Notification): string => alertLines(notification).slice(0, LINES).join('\n');

function onPath(command: string, path: string): string | null {
  for (const directory of path.split(delimiter)) {
    if (directory === '') continue;
    try {
      accessSync(join(directory, command), constants.X_OK);
      return join(directory, command);
    } catch {
      // Not in this one.
    }
  }
  return null;
}

function run(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { signal, timeout: TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (error === null) resolve('shown');
      else reject(new SendFailure('unreachable', stderr.trim() || error.message, null, error));
    });
  });
}
