import { createInterface } from 'node:readline';
import { loadConfig, paths } from '../../../src/config/index.ts';
import type { Notification } from '../../../src/model/index.ts';
import { openNotifying } from '../../../src/service/notifying.ts';
import { systemClock } from '../../../src/sources/clock.ts';

/**
 * The way out of the service as a process of its own: takes a notification a line on stdin, and says its id once the sink
 * has returned. Ends by kill -9, or in good order with its stdin.
 */
const part = await openNotifying({
  config: loadConfig({ projectFile: false }).config,
  places: paths(process.env),
  clock: systemClock,
  host: 'testhost',
  env: process.env,
  terminal: null,
  log: { info: () => undefined, problem: (what, error) => console.error(what, error) },
});
part.start({ current: () => null, firing: () => [] });
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const notification = JSON.parse(line) as Notification;
  part.sink(notification);
  process.stdout.write(`${notification.id}\n`);
}
const beganMs = performance.now();
await part.close();
process.stdout.write(`closed in ${Math.round(performance.now() - beganMs)}\n`);
process.exit(0);
