import { spawn } from 'node:child_process';
import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { ExitWatch } from '../../src/model/index.ts';
import { WITNESS_SCRIPT } from '../../src/sources/exits/witness-script.ts';
import { openWitness, systemClock } from '../../src/sources/index.ts';
import { playAll } from '../support/deaths/play.ts';
import { openStage, type Stage } from '../support/deaths/stage.ts';

const SESSION = '55555555-5555-4555-8555-555555555555';
/** As on old kernels, in containers, or without Perl. */
const NO_WITNESS: ExitWatch = {
  capability: async () => ({ name: 'exit-status', works: false, detail: 'none', fix: null }),
  ask: async () => new Map(),
  close: async () => undefined,
};

const probe = openWitness({ clock: systemClock });
const hasWitness = (await probe.capability()).works;
await probe.close();

describe.runIf(process.platform === 'linux')('staged deaths of real processes, whose parent reaps at once', () => {
  let stage: Stage | null = null;
  afterEach(async () => {
    await stage?.end();
    stage = null;
  });

  test.runIf(hasWitness)('nine of ten killers are named, with the exit status that the kernel announced', async () => {
    stage = await openStage(SESSION);
    const played = await playAll(stage);
    const told = played.map(({ kind, death }) => `${kind.name}: ${death?.killer} ${death?.confidence}`);
    const right = played.filter(({ kind, death }) => death?.killer === kind.killer);
    expect(played.length).toBeGreaterThanOrEqual(13);
    expect(right.length / played.length, told.join('\n')).toBeGreaterThanOrEqual(0.9);
    for (const { kind, death } of played) {
      expect(death?.exitCode !== null || death.signal !== null, kind.name).toBe(true);
      expect(death?.curve.length, kind.name).toBeGreaterThan(0);
    }
  });

  test('without a witness it is seldom named, and not named wrongly', async () => {
    stage = await openStage(SESSION, NO_WITNESS);
    const played = await playAll(stage);
    const wrong = played.filter(
      ({ kind, death }) => death !== null && death.killer !== kind.killer && death.killer !== 'unknown',
    );
    expect(wrong.map(({ kind, death }) => `${kind.name}: ${death?.killer} ${death?.confidence}`)).toEqual([]);
    // Logs and counts name these, whatever the status was.
    for (const killer of ['rampart', 'earlyoom', 'systemd-oomd']) {
      expect(
        played.some(({ death }) => death?.killer === killer),
        killer,
      ).toBe(true);
    }
  });

  test.runIf(hasWitness)(
    'an agent that is killed is one death, with its servers in it and the way to resume',
    async () => {
      stage = await openStage(SESSION);
      stage.transcript({ type: 'user', cwd: stage.swarm.project, timestamp: new Date().toISOString() });
      const server = await stage.victim('wait');
      const agent = [...stage.engine.rows.values()].find(({ sample }) => sample.pid === stage?.agent.pid);
      if (agent === undefined) throw new Error('the agent is not known');
      const { key } = agent.sample;
      process.kill(server.pid, 'SIGKILL');
      await stage.agent.kill();
      await stage.look();
      const death = await stage.deathOf(key);
      expect(death).toMatchObject({
        role: 'agent',
        killer: 'signal',
        signal: 'SIGKILL',
        sessionId: SESSION,
        ordinary: false,
      });
      expect(death.resume).toMatch(new RegExp(`^cd .* && claude --resume ${SESSION}$`));
      expect(death.companions.map(({ id }) => id)).toEqual([server.key]);
      await sleep(1_500);
      expect(stage.deaths.filter(({ process: { id } }) => id === server.key)).toEqual([]);
      const report = await stage.blackBox.postMortem({ target: SESSION });
      expect(report.deaths.map(({ id }) => id)).toEqual([death.id]);
    },
  );

  test.runIf(hasWitness)('a command that Claude Code was asked to stop is no post-mortem', async () => {
    stage = await openStage(SESSION);
    const victim = await stage.victim('wait', { tool: true });
    const message = { content: [{ type: 'tool_use', name: 'TaskStop', input: { task_id: 'b2' } }] };
    stage.transcript({ type: 'assistant', timestamp: new Date().toISOString(), message });
    await sleep(20);
    process.kill(victim.pid, 'SIGTERM');
    const content = '<task-notification><status>killed</status>Background command "x" was stopped';
    stage.transcript({ type: 'queue-operation', timestamp: new Date().toISOString(), content });
    await stage.look();
    await sleep(1_500);
    // Strangers of this machine are not ours to count.
    expect(stage.deaths.filter(({ role }) => role !== 'other')).toEqual([]);
  });
});

const [major = 0, minor = 0] = release().split('.').map(Number);

test.runIf(
  process.platform === 'linux' && process.getuid?.() === 0 && hasWitness && (major > 6 || (major === 6 && minor >= 6)),
)('any user hears of ends since Linux 6.6', async () => {
  const child = spawn('/usr/bin/perl', ['-e', WITNESS_SCRIPT], {
    uid: 65_534,
    gid: 65_534,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const said = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(String(text))));
  child.stdin.end();
  await new Promise((resolve) => child.once('exit', resolve));
  expect(said).toBe('ready\n');
});
