import * as z from 'zod';
import { address, bytes, count, ms, option, path, secret, text, textList, toggle } from './option.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 1024 * 1024;

const LOCAL = 'whoever looks at this machine sees it anyway';

const minLevel = (fallback: 'warning' | 'critical' | 'emergency', reason: string) =>
  option(z.enum(['warning', 'critical', 'emergency']).default(fallback), 'choice', {
    text: 'Least level that goes out by this channel.',
    reason,
  });

const authorization = () =>
  secret({
    text: 'Where the value of an `Authorization` header is: `env:NAME` or `file:/path` (0600).',
    reason: 'receivers behind a gateway want one',
  });

const allow = (fallback: readonly string[], reason: string) =>
  textList(64, fallback, {
    text: 'Addresses that are not public and may be reached all the same, as addresses or CIDR blocks.',
    reason,
  });

const console = z.strictObject({
  enabled: toggle(true, { text: 'Show alerts in the terminal of `rampart start`.', reason: LOCAL }),
  minLevel: minLevel('warning', LOCAL),
});

const file = z.strictObject({
  directory: path({
    text: 'Directory of alerts.jsonl, one notification a line, such as monitoring/memory/logs. Not set: none is written.',
    reason: 'a file in a project is for its owner to ask for',
  }),
  maxBytes: bytes(MIB, 16 * 1024, 1024 * MIB, {
    text: 'Size at which alerts.jsonl is put aside as alerts-TIME.jsonl.',
    reason: 'about 500 notifications: still a file that opens at once',
  }),
  keep: count(5, 0, 1000, {
    text: 'Files put aside that are kept; older ones are removed.',
    reason: 'with the size above some months of an unquiet machine',
  }),
  minLevel: minLevel('warning', 'a log leaves nothing out'),
});

const webhook = z.strictObject({
  url: address({
    text: 'Where to POST: an `https://` or `http://` URL, or `env:NAME` or `file:/path` (0600) where it stands.',
    reason: 'the URL of a chat hook is itself a secret, so it may stand elsewhere',
  }),
  secret: secret({
    text: 'Where the signing secret (`whsec_…`, Standard Webhooks) is: `env:NAME` or `file:/path` (0600). Not set: unsigned.',
    reason: 'with it a receiver knows that a message is yours, and new',
  }),
  authorization: authorization(),
  allow: allow([], 'a name that resolves to this machine or its network is an attack more often than a wish'),
  timeoutMs: ms(15 * SECOND, 100, MINUTE, {
    text: 'How long one attempt may take.',
    reason: 'Standard Webhooks: 15 to 30 s; the next alert waits that long behind a receiver that hangs',
  }),
  minLevel: minLevel('warning', 'the receiver can be choosier'),
  sendResolved: toggle(true, { text: 'Also tell when it is over.', reason: 'a ticket that nobody closes is noise' }),
});

const email = z
  .strictObject({
    host: text({ text: 'SMTP server. Not set: no mail.', reason: 'nobody but you knows it' }),
    port: count(465, 1, 65_535, { text: 'Its port.', reason: 'RFC 8314: TLS from the first byte' }),
    security: option(z.enum(['tls', 'starttls', 'none']).default('tls'), 'choice', {
      text: 'TLS from the first byte, STARTTLS (refused if the server has none), or none (without a password only, or to this machine).',
      reason: 'RFC 8314',
    }),
    user: text({ text: 'User name. Not set: no login.', reason: 'a relay of your own asks for none' }),
    password: secret({
      text: 'Where the password is: `env:NAME` or `file:/path` (0600).',
      reason: 'a configuration is shown and shared; a password is not',
    }),
    from: text({ text: 'Sender.', reason: 'servers refuse a sender that is not theirs' }),
    to: textList(20, [], { text: 'Recipients, separated by commas.', reason: 'nobody but you knows them' }),
    digestMs: ms(5 * MINUTE, 0, DAY, {
      text: 'Warnings of this time go out as one mail. What is critical goes at once, with what waits.',
      reason: 'a warning can wait for a coffee; twenty mails are read as none',
    }),
    minLevel: minLevel('warning', 'with the digest a warning costs a line, not a mail'),
    sendResolved: toggle(true, { text: 'Also tell when it is over.', reason: 'so that nobody looks for what is gone' }),
  })
  .refine((value) => value.host === null || (value.from !== null && value.to.length > 0), {
    message: 'mail needs from and to',
  });

const alertmanager = z.strictObject({
  url: address({
    text: 'Prometheus Alertmanager, without /api/v2/alerts; or `env:NAME` or `file:/path` (0600) where it stands.',
    reason: 'nobody but you knows it',
  }),
  authorization: authorization(),
  allow: allow(
    ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
    'an Alertmanager stands in the same network or on the same machine',
  ),
  refreshMs: ms(MINUTE, SECOND, 3 * MINUTE, {
    text: 'Time between two reports of what still fires. Alertmanager calls it over after four of them.',
    reason: 'its clients re-send every 30 s to 3 min',
  }),
  minLevel: minLevel('warning', 'it has routes and silences of its own'),
});

const desktop = z.strictObject({
  enabled: toggle(false, { text: 'Desktop notifications (notify-send, osascript).', reason: 'they interrupt' }),
  minLevel: minLevel('critical', 'they interrupt'),
});

/** Where alerts go. Never read from a project's own file: a repository must not redirect them. */
export const NotificationsSchema = z
  .strictObject({
    retryMs: ms(5 * SECOND, 10, HOUR, {
      text: 'Wait before the second attempt. Each further wait is four times as long, up to 5 h, give or take a fifth.',
      reason: 'the first waits of Standard Webhooks: 5 s, then minutes, then hours',
    }),
    giveUpMs: ms(DAY, SECOND, 30 * DAY, {
      text: 'Age at which a notification becomes a dead letter, which `rampart notify --replay` sends again.',
      reason: 'an alert of yesterday helps nobody',
    }),
    console: console.prefault({}),
    file: file.prefault({}),
    webhook: webhook.prefault({}),
    email: email.prefault({}),
    alertmanager: alertmanager.prefault({}),
    desktop: desktop.prefault({}),
  })
  .prefault({});

/** What nobody changed: then no channel but the terminal is asked for. */
export const NOTIFICATION_DEFAULTS = NotificationsSchema.parse(undefined);
