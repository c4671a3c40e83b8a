import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import type { LifeSigns, ProcessKey, ProcessSample, Source } from '../../src/model/index.ts';
import { createLinuxSource, systemClock } from '../../src/sources/index.ts';
import { endChild, eventually } from '../support/processes/worker.ts';

const COUNT = 100;
const ROUNDS = 20;

/** A client with `COUNT` stdio servers that, like many real ones, do not notice when it is gone. */
const CLIENT = `
const { spawn } = require('node:child_process');
for (let index = 0; index < ${COUNT}; index += 1) {
  const server = spawn('sleep', ['600'], { stdio: ['pipe', 'ignore', 'ignore'] });
  console.log(server.pid);
}
setInterval(() => {}, 1000);
`;

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

async function startClient(): Promise<{ readonly client: ChildProcess; readonly pids: readonly number[] }> {
  const client = spawn(process.execPath, ['-e', CLIENT], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUp.push(() => endChild(client));
  const pids: number[] = [];
  for await (const line of createInterface({ input: client.stdout })) {
    pids.push(Number(line));
    if (pids.length === COUNT) break;
  }
  return { client, pids };
}

const rowsOf = (processes: ReadonlyMap<ProcessKey, ProcessSample>, pids: readonly number[]): ProcessSample[] => {
  const wanted = new Set(pids);
  return [...processes.values()].filter((row) => wanted.has(row.pid));
};

const peers = (signs: ReadonlyMap<ProcessKey, LifeSigns>): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { stdinPeer } of signs.values()) counts[String(stdinPeer)] = (counts[String(stdinPeer)] ?? 0) + 1;
  return counts;
};

function openSource(): Source {
  const source = createLinuxSource({ clock: systemClock });
  cleanUp.push(() => source.close());
  return source;
}

describe.runIf(process.platform === 'linux')('dead stdio clients', () => {
  it(`are found for ${COUNT} of ${COUNT} servers, and for none of ${COUNT} whose client lives`, async () => {
    const source = openSource();
    const dead = await startClient();
    const live = await startClient();
    const { processes } = await source.sample({ complete: true });
    const orphans = rowsOf(processes, dead.pids);
    const served = rowsOf(processes, live.pids);
    cleanUp.push(() => endOrphans(source, orphans));
    expect(orphans).toHaveLength(COUNT);
    expect(served).toHaveLength(COUNT);
    for (let round = 0; round < ROUNDS; round += 1) {
      expect(peers(await source.lifeSigns([...orphans, ...served]))).toEqual({ alive: 2 * COUNT });
    }
    dead.client.kill('SIGKILL');
    await once(dead.client, 'exit');
    await eventually('all dead', async () => peers(await source.lifeSigns(orphans))['dead'] === COUNT);
    for (let round = 0; round < ROUNDS; round += 1) {
      expect(peers(await source.lifeSigns(orphans))).toEqual({ dead: COUNT });
      expect(peers(await source.lifeSigns(served))).toEqual({ alive: COUNT });
    }
  });

  it('show a pipe with a writer as alive, and never as dead while its writer lives', async () => {
    const source = openSource();
    // The shell's pipeline: the reader's stdin is a real pipe, held by its sibling.
    const shell = spawn('sh', ['-c', 'sleep 600 | sleep 601'], { stdio: 'ignore' });
    cleanUp.push(() => endChild(shell));
    const reader = await eventually('the pipeline', async () => {
      const { processes } = await source.sample({ complete: true });
      const children = [...processes.values()].filter(({ ppid }) => ppid === shell.pid);
      cleanUp.push(() => endOrphans(source, children));
      for (const row of children) if ((await source.facts(row))?.argv[1] === '601') return row;
      return null;
    });
    for (let round = 0; round < ROUNDS; round += 1) {
      const signs = (await source.lifeSigns([reader])).get(reader.key);
      expect(signs?.stdinChannel).toMatch(/^pipe:\[\d+\]$/);
      expect(signs?.stdinPeer).toBe('alive');
    }
  });

  it('count reads of stdin and open descriptors', async () => {
    const source = openSource();
    const cat = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] });
    cleanUp.push(() => endChild(cat));
    const row = await eventually('cat', async () => {
      const { processes } = await source.sample({ complete: true });
      return [...processes.values()].find(({ pid }) => pid === cat.pid);
    });
    const before = (await source.lifeSigns([row])).get(row.key);
    cat.stdin.write('x'.repeat(5000));
    const after = await eventually('the read', async () => {
      const signs = (await source.lifeSigns([row])).get(row.key);
      return signs !== undefined && (signs.readBytes ?? 0) >= (before?.readBytes ?? 0) + 5000 && signs;
    });
    expect(after.openFiles).toBe(readdirSync(`/proc/${cat.pid}/fd`).length);
  });
});

/** Only processes that this test started, and only while the pid is still theirs. */
async function endOrphans(source: Source, rows: readonly ProcessSample[]): Promise<void> {
  for (const row of rows) {
    if ((await source.facts(row))?.comm !== 'sleep') continue;
    try {
      process.kill(row.pid, 'SIGKILL');
    } catch (error) {
      // It was ended by an earlier call, and collected between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
