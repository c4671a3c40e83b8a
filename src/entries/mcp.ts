import './mcp-lean.ts';
import { startRelay } from '../faces/mcp/relay.ts';
import type { Rampart } from '../model/index.ts';
import { sanitise } from '../untrusted/index.ts';

/**
 * `rampart mcp`: the stdio relay that every agent session starts. Until a tool is called it only reads stdin: no file, no
 * socket, no child. It never outlives its client: end of stdin, a broken stdout, TERM, INT, HUP or the death of the
 * parent end it at once.
 */

/** A parent that died without closing our stdin (it lives on in another child) is noticed within this time. */
const PARENT_CHECK_MS = 500;
/** A service that hangs may not hold us; the promise is to be gone within a second. */
const FAREWELL_MS = 250;

let connection: Promise<Rampart> | null = null;

/** The service, reached (or started) on the first question; a failed attempt is not remembered. */
function rampart(): Promise<Rampart> {
  connection ??= import('../service/socket/ensure.ts')
    .then(({ ensureService }) => ensureService({ face: 'stdio', autoStart: true }))
    .catch((cause: unknown) => {
      connection = null;
      throw cause;
    });
  return connection;
}

const relay = startRelay(
  {
    rampart,
    caller: {
      face: 'stdio',
      pid: process.pid,
      sessionId: sessionIdOf(process.env['CLAUDE_CODE_SESSION_ID']),
      clientName: null,
    },
  },
  { input: process.stdin, output: process.stdout },
);

let leaving = false;
function leave(): void {
  if (leaving) return;
  leaving = true;
  setTimeout(() => process.exit(0), FAREWELL_MS).unref();
  void Promise.allSettled([relay.close(), connection?.then((service) => service.close())]).then(() => process.exit(0));
}

process.stdin.once('end', leave);
process.stdin.once('close', leave);
process.stdin.once('error', leave);
process.stdout.once('error', leave);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, leave);

const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) leave();
}, PARENT_CHECK_MS).unref();

function sessionIdOf(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : sanitise(value);
}
