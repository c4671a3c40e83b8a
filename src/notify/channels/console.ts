import colors from 'picocolors';
import type { AlertLevel, Notification } from '../../model/index.ts';
import { defineChannel } from '../channel.ts';
import { SendFailure } from '../failure.ts';
import { alertLines, heading, shortId } from '../outgoing.ts';

/** Written over the line that `rampart start` keeps at the bottom. */
const OVER = '\r\u001b[K';
const BELL = '\u0007';

/** The terminal of `rampart start`. An emergency also rings its bell. */
export const console = defineChannel({
  name: 'console',
  title: 'the terminal of `rampart start`',
  wants: ({ enabled }, { terminal }) => enabled && terminal !== null,
  traits: () => ({
    durable: false,
    timeoutMs: 2_000,
    sendResolved: true,
    digestMs: 0,
    rate: { burst: 20, everyMs: 1_000 },
    refreshMs: null,
  }),
  async open(_config, { terminal }) {
    let closed = false;
    return {
      async send(notification) {
        if (closed || terminal === null) throw new SendFailure('unreachable', 'there is no terminal');
        const paint = painter(terminal.color);
        const { level, kind } = notification;
        const at = new Date(notification.atMs).toTimeString().slice(0, 8);
        const [first = heading(notification), ...rest] = lines(notification);
        const head = kind === 'resolved' ? paint.resolved(first) : paint[level](first);
        const text = [`${at}  ${head}`, ...rest.map((line) => `          ${line}`)].join('\n');
        const bell = terminal.live && level === 'emergency' && kind !== 'resolved' ? BELL : '';
        terminal.write(`${terminal.live ? OVER : ''}${bell}${text}\n`);
        return 'shown';
      },
      async close() {
        closed = true;
      },
    };
  },
});

/** A single alert says all in one line. */
function lines(notification: Notification): string[] {
  const [only, ...others] = notification.alerts;
  if (only !== undefined && others.length === 0) return [`${heading(notification)} (id ${shortId(only)})`];
  return [heading(notification), ...alertLines(notification)];
}

function painter(color: boolean): Readonly<Record<AlertLevel | 'resolved', (text: string) => string>> {
  const { yellow, red, bold, inverse, green } = colors.createColors(color);
  return { warning: yellow, critical: red, emergency: (text) => bold(inverse(red(text))), resolved: green };
}
