import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '../service/sandbox.ts';

/** One alert as `GET /api/v2/alerts` shows it. */
export interface Shown {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

/** What Alertmanager itself sends to its receivers. */
export interface Sent {
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

export interface Alertmanager {
  readonly url: string;
  alerts(): Promise<Shown[]>;
  close(): Promise<void>;
}

/** Path of a program that can be started, or why there is none. */
export function findAlertmanager(): { readonly program: string } | { readonly missing: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/alertmanager.mjs'], { encoding: 'utf8' });
  return status === 0 ? { program: stdout.trim() } : { missing: stderr.trim() };
}

/** The real one, which tells `webhookUrl` of what it groups. */
export async function startAlertmanager(
  program: string,
  dir: string,
  webhookUrl: string,
  port?: number,
): Promise<Alertmanager> {
  const config = {
    route: {
      receiver: 'test',
      group_by: ['alertname'],
      group_wait: '100ms',
      group_interval: '300ms',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'test', webhook_configs: [{ url: webhookUrl, send_resolved: true }] }],
  };
  const path = join(dir, 'alertmanager.yml');
  // YAML reads JSON.
  writeFileSync(path, JSON.stringify(config));
  const url = `http://127.0.0.1:${port ?? (await freePort())}`;
  const child = spawn(
    program,
    [
      `--config.file=${path}`,
      `--storage.path=${join(dir, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  await until('Alertmanager', async () => {
    if (child.exitCode !== null) throw new Error(`Alertmanager ended: ${said}`);
    return fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return {
    url,
    alerts: async () => (await fetch(`${url}/api/v2/alerts`)).json() as Promise<Shown[]>,
    async close() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
