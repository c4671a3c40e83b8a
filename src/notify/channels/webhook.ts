import { RampartError } from '../../model/index.ts';
import { defineChannel } from '../channel.ts';
import { SendFailure } from '../failure.ts';
import { addressRules } from '../http/address-rules.ts';
import { post } from '../http/post.ts';
import { readSigningKey, signature } from '../http/signature.ts';
import { accepted } from '../http/verdict.ts';
import { alertLines, heading, toPayload } from '../outgoing.ts';
import { readAddress, readSecret } from '../secret.ts';

/** HTTP POST by the Standard Webhooks specification (standardwebhooks.com, 1.0.0): headers, signature, what is success. */
export const webhook = defineChannel({
  name: 'webhook',
  title: 'HTTP POST, signed as Standard Webhooks',
  wants: ({ url }) => url !== null,
  traits: ({ timeoutMs, sendResolved }) => ({
    durable: true,
    timeoutMs,
    sendResolved,
    digestMs: 0,
    rate: { burst: 60, everyMs: 1_000 },
    refreshMs: null,
  }),
  async open(config, { env, host, clock }) {
    if (config.url === null) throw new RampartError('bad-config', 'no URL is set', 'Set notifications.webhook.url.');
    const url = readAddress(config.url, env);
    const key = config.secret === null ? null : readSigningKey(readSecret(config.secret, env));
    const authorization = config.authorization === null ? null : readSecret(config.authorization, env);
    const rules = addressRules(config.allow);
    let closed = false;
    return {
      async send(notification, signal) {
        if (closed) throw new SendFailure('unreachable', 'closed');
        const { id, kind, atMs } = notification;
        const body = JSON.stringify({
          type: `rampart.alert.${kind}`,
          timestamp: new Date(atMs).toISOString(),
          // What chat hooks show; everything else is for programs.
          text: [`${heading(notification)} (${host})`, ...alertLines(notification)].join('\n'),
          data: toPayload(notification, host),
        });
        // Of this attempt: receivers refuse what is older than a few minutes.
        const timestamp = String(Math.floor(clock.nowMs() / 1000));
        return accepted(
          await post({
            url,
            body,
            rules,
            signal,
            nowMs: () => clock.nowMs(),
            headers: {
              'content-type': 'application/json',
              'user-agent': 'rampart',
              'webhook-id': id,
              'webhook-timestamp': timestamp,
              ...(key === null ? {} : { 'webhook-signature': signature(key, id, timestamp, body) }),
              ...(authorization === null ? {} : { authorization }),
            },
          }),
        );
      },
      async close() {
        closed = true;
      },
    };
  },
});
