// Connects (starting a service when none runs), says the service's pid, and holds the connection until it is ended.
import { ensureService } from '../../../src/service/socket/ensure.ts';

const client = await ensureService({ face: 'cli', autoStart: true, deadlineMs: 90_000 });
process.stdout.write(`${client.service().pid}\n`);
process.stdin.resume();
process.stdin.once('end', () => void client.close());
