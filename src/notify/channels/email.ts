import { type Notification, RampartError } from '../../model/index.ts';
import { type ChannelConfig, defineChannel } from '../channel.ts';
import { SendFailure } from '../failure.ts';
import { alertLines, clean, heading, LONG, MAX_LINES } from '../outgoing.ts';
import { readSecret } from '../secret.ts';

/** RFC 5321, 4.5.3.2 asks for minutes; an alert that takes so long is sent again by the outbox. */
const CONNECT_MS = 10_000;
const IDLE_MS = 20_000;
const TIMEOUT_MS = 45_000;
const SUBJECT_LENGTH = 150;

/** Mail by SMTP (nodemailer). Plain text: nothing in it can act. */
export const email = defineChannel({
  name: 'email',
  title: 'mail by SMTP',
  wants: ({ host }) => host !== null,
  traits: ({ digestMs, sendResolved }) => ({
    durable: true,
    timeoutMs: TIMEOUT_MS,
    sendResolved,
    digestMs,
    // Servers of providers block who sends more than some hundred an hour.
    rate: { burst: 10, everyMs: 60_000 },
    refreshMs: null,
  }),
  async open(config, { env, host: machine }) {
    const { host, from, to } = config;
    if (host === null || from === null)
      throw new RampartError('bad-config', 'no SMTP server is set', 'Set host and from.');
    const auth = login(config, env);
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port: config.port,
      secure: config.security === 'tls',
      requireTLS: config.security === 'starttls',
      ignoreTLS: config.security === 'none',
      ...(auth === null ? {} : { auth }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      // Text of others is in our mails: nothing in them may name a file or a URL to attach.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    let closed = false;
    return {
      async send(notification, signal) {
        if (closed) throw new SendFailure('unreachable', 'closed');
        signal.throwIfAborted();
        try {
          const { response, rejected } = await transport.sendMail({
            from,
            to: [...to],
            subject: subjectOf(notification, machine),
            text: bodyOf(notification, machine),
            messageId: `<${notification.id.replace(/[^\w.+-]/g, '-')}@rampart.invalid>`,
            headers: {
              'X-Rampart-Id': clean(notification.id),
              // RFC 3834: no out-of-office answers to this.
              'Auto-Submitted': 'auto-generated',
              ...(notification.level === 'emergency' ? { Importance: 'high', 'X-Priority': '1' } : {}),
            },
          });
          const refused = rejected.length === 0 ? '' : `; refused for ${rejected.length} of ${to.length} recipients`;
          return clean(`${response}${refused}`);
        } catch (cause) {
          throw asFailure(cause);
        }
      },
      async close() {
        closed = true;
        transport.close();
      },
    };
  },
});

function login(
  { host, security, user, password }: ChannelConfig<'email'>,
  env: Readonly<Record<string, string | undefined>>,
): { user: string; pass: string } | null {
  if (user === null) return null;
  if (password === null)
    throw new RampartError('bad-config', 'a user without a password', 'Set notifications.email.password.');
  const local = ['localhost', '127.0.0.1', '::1'].includes(host ?? '');
  if (security === 'none' && !local) {
    throw new RampartError(
      'bad-config',
      'the password would be sent in the clear',
      "Use security 'tls' or 'starttls'.",
    );
  }
  return { user, pass: readSecret(password, env) };
}

/** One line, whatever a process called itself. */
function subjectOf(notification: Notification, machine: string): string {
  return clean(`[rampart] ${heading(notification)} (${machine})`, SUBJECT_LENGTH);
}

function bodyOf(notification: Notification, machine: string): string {
  const details = notification.alerts
    .slice(0, MAX_LINES)
    .flatMap((alert) => [
      '',
      `${alert.level.toUpperCase()}: ${clean(alert.title)}`,
      `  ${clean(alert.detail, LONG)}`,
      `  since ${new Date(alert.activeAtMs).toISOString()}${alert.resolvedAtMs === null ? '' : `, over ${new Date(alert.resolvedAtMs).toISOString()}`}`,
      ...alert.next.slice(0, 3).map((call) => `  next: ${clean(call)}`),
    ]);
  return [
    `${heading(notification)} on ${machine}`,
    '',
    ...alertLines(notification),
    ...details,
    '',
    `Rampart, ${new Date(notification.atMs).toISOString()}. Acknowledge: rampart ack ID. Id of this mail: ${clean(notification.id)}`,
  ].join('\n');
}

/** A 5xx to the envelope or the message is about this mail; a refused login or a 4xx is about all of them. */
function asFailure(cause: unknown): SendFailure {
  const { message, code, responseCode } = cause as Error & { code?: string; responseCode?: number };
  const own = (responseCode ?? 0) >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
  return new SendFailure(own ? 'refused' : 'unreachable', clean(message), null, cause);
}
