import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryFiles } from '../../support/actions/fake-host.ts';
import { createFakeActing, type FakeActing } from '../../support/actions/fake-world.ts';
import type { ActionParameters, Outcome } from '../../../src/model/index.ts';

const MIB = 1024 * 1024;
const OWN = '/user.slice/app.slice/term.scope';

let dir: string;
let acting: FakeActing;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-cgroup-'));
  acting = createFakeActing({ auditPath: join(dir, 'actions.jsonl') });
  acting.host.cgroups.set('/user.slice/app.slice', memoryFiles());
  acting.host.cgroups.set(OWN, memoryFiles({ 'cgroup.procs': '10\n' }));
  acting.add(10, { process: { cgroup: OWN } });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function act(action: 'limit' | 'reclaim', parameters: ActionParameters = {}): Promise<Outcome> {
  const plan = await acting.runner.plan({ action, target: '10', origin: 'user', parameters });
  expect(plan.refusal).toBeNull();
  return acting.runner.apply({ token: plan.token ?? '' });
}

const refusal = async (action: 'limit' | 'reclaim', parameters: ActionParameters = {}) =>
  (await acting.runner.plan({ action, target: '10', origin: 'user', parameters })).refusal;

describe('limit', () => {
  test('by a scope of systemd: moves the process there, and believes only what it reads back', async () => {
    acting.host.answer = (command) => {
      const scope = `/user.slice/app.slice/${command.find((word) => word.endsWith('.scope'))}`;
      acting.host.cgroups.set(scope, memoryFiles({ 'memory.max': String(512 * MIB) }));
      acting.host.processes.get(10)!.cgroup = scope;
      return { status: 0, stdout: '', stderr: '' };
    };
    const outcome = await act('limit', { maxBytes: 512 * MIB });
    expect(outcome.targets[0]).toMatchObject({ done: true, detail: 'Read back: max 512 MiB.' });
    expect(acting.host.commands[0]?.join(' ')).toMatch(
      /^busctl --user call .* StartTransientUnit ssa\(sv\)a\(sa\(sv\)\) rampart-10-100\.scope fail 2 PIDs au 1 10 MemoryMax t 536870912 0$/,
    );
    const undone = await acting.runner.undo({ origin: 'user' });
    expect(undone.targets[0]?.done).toBe(true);
    expect(acting.host.cgroups.get('/user.slice/app.slice/rampart-10-100.scope')?.get('memory.max')).toBe('max');
  });

  test('a scope that silently sets nothing is no success', async () => {
    acting.host.answer = () => {
      acting.host.cgroups.set('/user.slice/s.scope', memoryFiles());
      acting.host.processes.get(10)!.cgroup = '/user.slice/s.scope';
      return { status: 0, stdout: '', stderr: '' };
    };
    // Nor can one be made beside it: there the controller is not handed down.
    const outcome = await act('limit', { maxBytes: 512 * MIB });
    expect(outcome).toMatchObject({ result: 'failed', targets: [{ done: false }] });
    expect(outcome.targets[0]?.detail).toMatch(/the kernel has max max/);
  });

  test('by a delegated cgroup where there is no systemd', async () => {
    const outcome = await act('limit', { maxBytes: 512 * MIB, highBytes: 256 * MIB });
    expect(outcome.targets[0]).toMatchObject({ done: true, detail: 'Read back: max 512 MiB, high 256 MiB.' });
    expect(acting.host.processes.get(10)?.cgroup).toBe('/user.slice/app.slice/rampart-10-100');
  });

  test('a cgroup that may not be used is taken away again, and said so', async () => {
    acting.host.cgroups.get('/user.slice/app.slice')?.set('cgroup.subtree_control', 'pids');
    const outcome = await act('limit', { maxBytes: 512 * MIB });
    expect(outcome.targets[0]?.detail).toMatch(/systemd: Failed to connect to bus; cgroup: .*memory controller/);
    expect([...acting.host.cgroups.keys()]).not.toContain('/user.slice/app.slice/rampart-10-100');
  });

  test('refuses what would kill at once, what is upside down, and machines without cgroup v2', async () => {
    expect(await refusal('limit', { maxBytes: 30 * MIB })).toMatchObject({ code: 'no-headroom' });
    expect(await refusal('limit', { highBytes: 30 * MIB })).toBeNull();
    await expect(refusal('limit')).rejects.toMatchObject({ code: 'bad-input' });
    await expect(refusal('limit', { maxBytes: 1, highBytes: 2 })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(refusal('limit', { maxBytes: -1 })).rejects.toMatchObject({ code: 'bad-input' });
    acting.host.processes.get(10)!.cgroup = null;
    expect(await refusal('limit', { maxBytes: 512 * MIB })).toMatchObject({ code: 'unavailable' });
  });
});

describe('reclaim', () => {
  test('asks for half of it, or for what was said', async () => {
    expect((await act('reclaim')).targets[0]?.done).toBe(true);
    expect(acting.host.cgroups.get(OWN)?.get('memory.reclaim')).toBe(String(20 * MIB));
    await act('reclaim', { bytes: MIB });
    expect(acting.host.cgroups.get(OWN)?.get('memory.reclaim')).toBe(String(MIB));
  });

  test('refuses where others would lose memory, and where the file may not be written', async () => {
    acting.host.cgroups.get(OWN)?.set('memory.reclaim', 'read-only');
    expect((await act('reclaim')).targets[0]?.refusal?.code).toBe('unavailable');
    acting.host.cgroups.get(OWN)?.set('cgroup.procs', '10\n11\n');
    expect((await refusal('reclaim'))?.reason).toMatch(/2 processes/);
  });
});
