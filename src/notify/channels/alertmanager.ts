import { type Alert, type Notification, RampartError } from '../../model/index.ts';
import { defineChannel } from '../channel.ts';
import { SendFailure } from '../failure.ts';
import { addressRules } from '../http/address-rules.ts';
import { post } from '../http/post.ts';
import { accepted } from '../http/verdict.ts';
import { clean, LONG } from '../outgoing.ts';
import { readAddress, readSecret } from '../secret.ts';
import { RANK } from '../wording.ts';

/** It answers in ms and stands near; Prometheus waits as long. */
const TIMEOUT_MS = 10_000;
/** As Prometheus does it: an alert that is not sent for four times the interval is over. */
const MISSED = 4;

/** What `POST /api/v2/alerts` takes, one of an array. */
interface Posted {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/**
 * Prometheus Alertmanager, which deduplicates, routes and silences itself. It forgets what is not sent again, so this
 * channel mirrors: at each notification and every `refreshMs` it posts all that fires, and once more what is over.
 */
export const alertmanager = defineChannel({
  name: 'alertmanager',
  title: 'Prometheus Alertmanager, API v2',
  wants: ({ url }) => url !== null,
  traits: ({ refreshMs }) => ({
    durable: false,
    timeoutMs: TIMEOUT_MS,
    sendResolved: true,
    digestMs: 0,
    rate: null,
    refreshMs,
  }),
  async open(config, { env, host, clock, book }) {
    if (config.url === null)
      throw new RampartError('bad-config', 'no URL is set', 'Set notifications.alertmanager.url.');
    const url = new URL(`${readAddress(config.url, env).href.replace(/\/+$/, '')}/api/v2/alerts`);
    const authorization = config.authorization === null ? null : readSecret(config.authorization, env);
    const rules = addressRules(config.allow);
    /** What it was last told to fire, by its labels, which are its identity there. */
    let told = new Map<string, Posted>();
    let closed = false;

    const mirror = async (news: readonly Alert[], signal: AbortSignal): Promise<string> => {
      if (closed) throw new SendFailure('unreachable', 'closed');
      const nowMs = clock.nowMs();
      const alerts = new Map([...news, ...book.firing()].map((alert) => [alert.fingerprint, alert]));
      const firing = new Map<string, Posted>();
      const over: Posted[] = [];
      for (const alert of alerts.values()) {
        const posted = toPosted(alert, host, alert.resolvedAtMs ?? nowMs + MISSED * config.refreshMs);
        const key = JSON.stringify(posted.labels);
        if (alert.state === 'resolved') over.push(posted);
        else if (isWanted(alert, RANK[config.minLevel])) firing.set(key, posted);
      }
      const known = new Set(over.map(({ labels }) => JSON.stringify(labels)));
      for (const [key, posted] of told) {
        // Over, silenced, or of another level by now, which is another alert there.
        if (!firing.has(key) && !known.has(key)) over.push({ ...posted, endsAt: iso(nowMs) });
      }
      const body = [...firing.values(), ...over];
      if (body.length === 0) return 'nothing to report';
      const said = accepted(
        await post({
          url,
          body: JSON.stringify(body),
          rules,
          signal,
          nowMs: () => clock.nowMs(),
          headers: { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) },
        }),
      );
      told = firing;
      return said;
    };

    return {
      send: (notification, signal) =>
        mirror(
          currently(notification, (id) => book.current(id)),
          signal,
        ),
      refresh: async (signal) => void (await mirror([], signal)),
      async close() {
        closed = true;
      },
    };
  },
});

function currently({ alerts }: Notification, current: (fingerprint: string) => Alert | null): Alert[] {
  return alerts.map((alert) => current(alert.fingerprint) ?? alert);
}

function isWanted(alert: Alert, minRank: number): boolean {
  return (
    alert.state === 'firing' && alert.silencedBy === null && alert.inhibitedBy === null && RANK[alert.level] >= minRank
  );
}

function toPosted(alert: Alert, host: string, endsAtMs: number): Posted {
  return {
    labels: labelsOf(alert, host),
    annotations: {
      summary: clean(alert.title),
      ...(alert.detail === '' ? {} : { description: clean(alert.detail, LONG) }),
    },
    startsAt: iso(alert.firedAtMs ?? alert.activeAtMs),
    endsAt: iso(endsAtMs),
  };
}

/** Names as Prometheus allows them; a label without a value is refused by Alertmanager (HTTP 400), so it is left out. */
function labelsOf(alert: Alert, host: string): Record<string, string> {
  const own = {
    ...alert.labels,
    alertname: `Rampart ${alert.rule}`,
    severity: alert.level,
    instance: host,
    rampart_id: alert.fingerprint,
  };
  return Object.fromEntries(
    Object.entries(own)
      .map(([name, value]) => [name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_'), clean(value)] as const)
      .filter(([name, value]) => name !== '' && value !== ''),
  );
}

const iso = (atMs: number): string => new Date(atMs).toISOString();
