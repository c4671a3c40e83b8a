import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessId } from '../../../src/model/index.ts';
import { GROWN_UP_MS, start, until, type Child } from './targets.ts';

/** A process that must never be sent SIGUSR1, and what the refusal must say. */
export interface Refused {
  readonly name: string;
  /** Asked anew for each attempt: some targets must be fresh. */
  readonly target: () => Promise<{ readonly child: Child; readonly id: ProcessId; readonly isFresh: boolean }>;
  readonly reason: RegExp;
}

/** Says so when everything before it is done. */
const IDLE = `process.stdout.write('r'); setInterval(() => {}, 1000)`;

/** Programs that die of SIGUSR1 under names that could pass for Node, and Nodes that must be left alone. */
export async function refusedTargets(dir: string, node: string): Promise<readonly Refused[]> {
  const kept: Child[] = [];
  const lasting = async (
    name: string,
    command: string,
    args: readonly string[],
    reason: RegExp,
    options: { readonly uid?: number; readonly isGrownUp?: boolean; readonly id?: (id: ProcessId) => ProcessId } = {},
  ): Promise<Refused> => {
    const child = await start(command, args, options.uid === undefined ? {} : { uid: options.uid });
    kept.push(child);
    if (args.at(-1)?.endsWith(IDLE) === true) await until(() => child.said() !== '', 60_000);
    const id = options.id?.(child.id) ?? child.id;
    return { name, reason, target: async () => ({ child, id, isFresh: false }) };
  };
  const copy = (name: string): string => {
    const path = join(dir, name);
    if (!existsSync(path)) copyFileSync('/bin/sleep', path);
    return path;
  };
  const flags = await helpOf(node);
  const list = [
    lasting('sleep', '/bin/sleep', ['1000'], /native program/),
    lasting('bash', 'bash', ['-c', 'read -r line'], /shell/),
    lasting('python', 'python3', ['-c', 'import time; time.sleep(1000)'], /Python dies of SIGUSR1/),
    // Stand-ins: the same names, and they die of the signal as the real ones do.
    lasting('bun', copy('bun'), ['1000'], /Bun dies of SIGUSR1/),
    lasting('a stranger called node', copy('node'), ['1000'], /does not catch SIGUSR1/),
    lasting('own handler', node, ['-e', `process.on('SIGUSR1', () => process.exit(3)); ${IDLE}`], /its own|handler/),
    lasting(
      'handler among others',
      node,
      [
        '-e',
        `for (const s of ['SIGINT','SIGTERM','SIGHUP','SIGUSR2','SIGUSR1','SIGCHLD','SIGWINCH']) process.on(s, () => process.exit(3)); ${IDLE}`,
      ],
      /own handler/,
    ),
    lasting(
      'handler taken back',
      node,
      ['-e', `const f = () => {}; process.on('SIGUSR1', f); process.off('SIGUSR1', f); ${IDLE}`],
      /does not catch SIGUSR1/,
    ),
    lasting('reused pid', node, ['-e', IDLE], /has ended/, {
      id: ({ pid, startTime }) => ({ pid, startTime: startTime - 1 }),
    }),
    lasting('public inspector', node, ['--inspect-port=0.0.0.0:0', '-e', IDLE], /public address/),
    ...(flags.includes('--disable-sigusr1')
      ? [lasting('--disable-sigusr1', node, ['--disable-sigusr1', '-e', IDLE], /--disable-sigusr1/)]
      : []),
    ...(process.getuid?.() === 0
      ? [lasting('other user', '/bin/sleep', ['1000'], /another user/, { uid: 65_534 })]
      : []),
  ];
  const ready = await Promise.all(list);
  const stopped = await start(node, ['-e', IDLE]);
  await until(() => stopped.said() !== '', 60_000);
  await sleep(GROWN_UP_MS);
  stopped.child.kill('SIGSTOP');
  return [
    ...ready,
    { name: 'stopped', reason: /stopped/, target: async () => ({ child: stopped, id: stopped.id, isFresh: false }) },
    {
      name: 'first moments',
      reason: /just started/,
      target: async () => {
        const child = await start(node, ['-e', IDLE]);
        // Between exec and its first handler.
        await until(() => child.isAlive());
        return { child, id: child.id, isFresh: true };
      },
    },
  ];
}

async function helpOf(node: string): Promise<string> {
  const child = await start(node, ['--help']);
  await new Promise((resolve) => child.child.once('close', resolve));
  return child.said();
}
