import { openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PROGRAMS as SERVERS, type Order, type StandInAgent, type Swarm } from '../swarm/swarm.ts';

export const PROGRAMS = fileURLToPath(new URL('programs.mjs', import.meta.url));

/** Processes that were planted together, and what must become of them. */
export interface Case {
  readonly kind: string;
  readonly wanted: 'gone' | 'alive';
  readonly pids: readonly number[];
  /** What happens to them between the plan and its order. */
  readonly between?: () => void | Promise<void>;
}

/** Each kind so many times. `doomed` dies before the plan; `live` stays. */
export async function plantCases(
  swarm: Swarm,
  doomed: StandInAgent,
  live: StandInAgent,
  times: number,
): Promise<Case[]> {
  const cases: Case[] = [];
  const node = (name: string, ...args: string[]): Order => ({
    command: process.execPath,
    args: [PROGRAMS, name, ...args],
    handshake: true,
  });
  const pidsOf = ({ pid, answer }: Awaited<ReturnType<StandInAgent['start']>>): number[] => {
    const below = (answer as { readonly pids?: readonly number[] } | null)?.pids ?? [];
    return [pid, ...below];
  };
  for (let n = 0; n < times; n += 1) {
    cases.push({ kind: 'stubborn server', wanted: 'gone', pids: pidsOf(await doomed.start(node('stubborn'))) });
    cases.push({ kind: 'server with children', wanted: 'gone', pids: pidsOf(await doomed.start(node('family'))) });
    const [server = 0, daemon = 0] = pidsOf(await doomed.start(node('daemon')));
    cases.push({ kind: 'server that started a daemon', wanted: 'gone', pids: [server] });
    cases.push({ kind: 'daemon of an orphan', wanted: 'alive', pids: [daemon] });

    const npx = await doomed.start({
      command: 'npx',
      args: ['--no-install', 'swarm-mcp'],
      cwd: swarm.project,
      handshake: true,
    });
    cases.push({ kind: 'npx chain', wanted: 'gone', pids: treeOf(npx.pid) });

    const stopped = await doomed.start({ command: swarm.mcpBinary, args: ['200'] });
    process.kill(stopped.pid, 'SIGSTOP');
    cases.push({ kind: 'stopped server', wanted: 'gone', pids: [stopped.pid] });

    const shell = await doomed.start({ command: 'sh', args: ['-c', `${swarm.mcpBinary} 200; true`] });
    await delay(50);
    cases.push({ kind: 'server under sh', wanted: 'gone', pids: treeOf(shell.pid) });

    for (const [kind, what] of [
      ['orphan that begins to listen', 'listen'],
      ['orphan that begins to work', 'work'],
      ['orphan that ends by itself', 'end'],
    ] as const) {
      const flag = join(swarm.directory, `${what}-${n}`);
      const { pid } = await doomed.start(node('late', what, flag));
      const between = () => writeFileSync(flag, '');
      cases.push({ kind, wanted: what === 'end' ? 'gone' : 'alive', pids: [pid], between });
    }

    const cut = await live.start({ command: process.execPath, args: [SERVERS, 'server'], endInput: true });
    cases.push({ kind: 'cut-off copy under a live agent', wanted: 'gone', pids: [cut.pid] });
  }
  const kept = await live.start({ command: process.execPath, args: [SERVERS, 'server'], handshake: true });
  cases.push({ kind: 'the copy that its agent uses', wanted: 'alive', pids: [kept.pid] });
  cases.push({ kind: 'the live agent', wanted: 'alive', pids: [live.pid] });
  return cases;
}

/** Somebody opens the writing end of its stdin: on a pipe that goes by its descriptor in /proc. */
export function newClient(kind: string, pid: number): Case {
  return {
    kind,
    wanted: 'alive',
    pids: [pid],
    between: () => {
      if (readlinkSync(`/proc/${pid}/fd/0`).startsWith('pipe:')) openSync(`/proc/${pid}/fd/0`, 'w');
    },
  };
}

/** A process and all below it, by what the kernel says now. */
export function treeOf(pid: number): number[] {
  const found = [pid];
  for (const at of found) {
    const children = readFileSync(`/proc/${at}/task/${at}/children`, 'latin1').trim();
    if (children !== '') found.push(...children.split(' ').map(Number));
  }
  return found;
}

/** Gone, or ended and not collected yet. */
export function isGone(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat[stat.lastIndexOf(')') + 2] === 'Z';
  } catch {
    return true;
  }
}
