import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAudit } from '../../src/actions/running/audit.ts';
import { connect } from '../../src/service/socket/client.ts';
import { ensureService, type ServiceClient } from '../../src/service/socket/ensure.ts';
import { isGone, PROGRAMS } from '../support/actions/cases.ts';
import { isAlive, openSandbox, type Sandbox, until } from '../support/service/sandbox.ts';
import { createSwarm, type Swarm } from '../support/swarm/swarm.ts';

const SESSION = '88888888-8888-4888-8888-888888888888';
const COUNT = 3;

describe.runIf(process.platform === 'linux')('kill -9 of the service in the middle of an action', () => {
  let sandbox: Sandbox;
  let swarm: Swarm;
  let client: ServiceClient;
  const open = () => ensureService({ face: 'cli', autoStart: true, env: sandbox.env, deadlineMs: 100_000 });

  beforeAll(async () => {
    sandbox = openSandbox({ RAMPART_ACTIONS__GRACE_MS: '60s' });
    swarm = createSwarm();
    sandbox.env['CLAUDE_CONFIG_DIR'] = swarm.configDir;
    client = await open();
  });
  afterAll(async () => {
    await client.close();
    await swarm.end();
    await sandbox.dispose();
  });

  test('leaves a log that says what was signalled; the next service closes it and can undo', async () => {
    const agent = await swarm.startAgent(SESSION);
    const pids: number[] = [];
    for (let n = 0; n < COUNT; n += 1) {
      const order = { command: process.execPath, args: [PROGRAMS, 'stubborn'], handshake: true };
      pids.push((await agent.start(order)).pid);
    }
    const idle = await agent.start({
      command: swarm.mcpBinary,
      args: ['200'],
      tool: true,
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const suspend = await client.planAction({ action: 'suspend', target: String(idle.pid), origin: 'user' });
    await client.applyAction({ token: suspend.token ?? '' });
    await agent.kill();
    // Of this session only: other tests have orphans of their own.
    let token: string | null = null;
    await until('all are orphans', async () => {
      const plan = await client.planAction({ action: 'reap', target: SESSION, origin: 'user', reason: 'a test' });
      token = plan.targets.filter(({ refusal }) => refusal === null).length === COUNT ? plan.token : null;
      return token !== null;
    });
    const order = client.applyAction({ token: token ?? '' }).catch((error: unknown) => error);

    const audit = createAudit({ path: sandbox.places.auditPath });
    const signals = () => audit.read().records.filter(({ event }) => event === 'signal');
    await until(
      'SIGTERM went out',
      () => signals().filter(({ detail }) => detail.startsWith('SIGTERM')).length === COUNT,
    );
    // A newer version that comes now has to wait.
    const newer = await connect({ socketPath: sandbox.places.socketPath, face: 'cli' });
    expect(await newer.handover()).toMatchObject({ accepted: false, reason: expect.stringContaining('under way') });
    await newer.close();
    const { pid } = client.service();
    process.kill(pid, 'SIGKILL');
    await until('the service is gone', () => !isAlive(pid));
    await order;

    const { records, torn } = audit.read();
    expect(torn).toBe(0);
    const begun = records.filter(({ event }) => event === 'started').at(-1);
    const termed = signals().filter(({ id }) => id === begun?.id);
    expect(new Set(termed.map(({ process }) => Number(process?.split(':')[0])))).toEqual(new Set(pids));
    expect(records.some(({ id, event }) => id === begun?.id && event === 'finished')).toBe(false);
    expect(statSync(sandbox.places.auditPath).mode & 0o777).toBe(0o600);

    // The last write may be torn in the middle.
    appendFileSync(sandbox.places.auditPath, '{"atMs":1,"id":"torn');
    client = await open();
    const page = await client.audit({ limit: 1000 });
    expect(page.torn).toBe(1);
    expect(page.entries.find(({ id, event }) => id === begun?.id && event === 'finished')?.detail).toMatch(
      /Broken off.*3 signals/,
    );
    const undone = await client.undoAction({ origin: 'user' });
    expect(undone).toMatchObject({ action: 'suspend', targets: [{ done: true }] });
    expect(readFileSync(`/proc/${idle.pid}/status`, 'latin1')).not.toMatch(/^State:\tT/m);
    expect(pids.every((each) => !isGone(each))).toBe(true);
  });
});
