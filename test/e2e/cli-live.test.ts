import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StatusReport } from '../../src/model/index.ts';
import { SWARM_SIZE } from '../../src/faces/cli/demo/programs.ts';
import {
  CLI,
  processesNaming,
  type Running,
  type Sandbox,
  sandbox,
  start,
  startCli,
  until,
} from '../support/cli/program.ts';

/** The live parts of the CLI: in a real pseudo-terminal, and with real children. */

const onLinux = process.platform === 'linux';
const hasScript = existsSync('/usr/bin/script');
let box: Sandbox;
let running: Running[] = [];

beforeEach(() => {
  box = sandbox();
});
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  running = [];
  await until('everything of the sandbox to end', () => processesNaming(box.dir).length === 0);
  box.dispose();
});

const kept = (started: Running): Running => {
  running.push(started);
  return started;
};

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

/** `rampart …` in a pty of 80 × 24; the shell around it prints the terminal's modes when it has ended. */
function inTerminal(args: string, env: Record<string, string> = {}): Running {
  const words = CLI.map((word) => `'${word}'`).join(' ');
  const inner = `stty cols 80 rows 24; sh -c 'echo $$ > "${box.dir}/pid"; exec "$0" "$@"' '${process.execPath}' ${words} ${args}; echo "code=$?"; stty -a`;
  return kept(start('script', ['-qec', inner, '/dev/null'], box, { SHELL: '/bin/bash', ...env }));
}

const pidOf = (): Promise<number> =>
  until('the pid', () => existsSync(`${box.dir}/pid`) && Number(readFileSync(`${box.dir}/pid`, 'utf8')));

/** What a person sees in the end: the last text that was put on each row. */
function screenOf(out: string): string[] {
  const rows: string[] = [];
  // eslint-disable-next-line no-control-regex
  for (const part of out.slice(out.lastIndexOf('\u001b[2J')).split(/\u001b\[(?=\d+;1H)/)) {
    const match = /^(\d+);1H([^]*)$/.exec(part);
    // eslint-disable-next-line no-control-regex
    if (match !== null) rows[Number(match[1]) - 1] = (match[2] ?? '').replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '');
  }
  return Array.from({ length: 24 }, (_, row) => rows[row] ?? '');
}

const isRestored = (out: string): void => {
  const after = out.slice(out.lastIndexOf(LEAVE));
  expect(out).toContain(ENTER);
  expect(out.lastIndexOf(LEAVE)).toBeGreaterThan(out.lastIndexOf(ENTER));
  expect(after).toMatch(/[^-]icanon/);
  expect(after).toMatch(/[^-]echo /);
};

describe.runIf(onLinux && hasScript)('top in a terminal', () => {
  it('shows the swarm, obeys keys, and gives the terminal back on q', async () => {
    const top = inTerminal('top --one-shot --interval 500ms');
    const sees = (what: RegExp): Promise<boolean> =>
      until(String(what), () => screenOf(top.out()).some((row) => what.test(row)));
    await sees(/^q quit {2}\? help/);
    await sees(/GiB available/);
    // Without agents the table is empty: all processes always make one.
    top.child.stdin?.write('a');
    await sees(/PSS\+SWAP .* WHO/);
    for (const row of screenOf(top.out())) expect(row.length).toBeLessThanOrEqual(80);
    top.child.stdin?.write('?');
    await sees(/fold or open the session/);
    top.child.stdin?.write('x/rampart');
    await sees(/^filter: rampart_/);
    top.child.stdin?.write('\r');
    await sees(/filter: rampart {2}/);
    top.child.stdin?.write('s');
    await sees(/sort: change/);
    top.child.stdin?.write('\u001b[Bp');
    await sees(/PAUSED/);
    top.child.stdin?.write('q');
    const { out } = await top.ended;
    expect(out).toContain('code=0');
    isRestored(out);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 0],
  ] as const)('gives the terminal back on %s', async (signal, code) => {
    const top = inTerminal('top --one-shot');
    await until('the first frame', () => top.out().includes('GiB available'));
    process.kill(await pidOf(), signal);
    const { out } = await top.ended;
    expect(out).toContain(`code=${code}`);
    isRestored(out);
  });

  it('gives the terminal back when it crashes, and shows the stack below', async () => {
    // Once the program listens for a new window size, it owns the screen.
    const boom =
      "setInterval(() => { if (process.stdout.listenerCount('resize') > 0) throw new Error('planted crash') }, 200).unref()";
    const top = inTerminal('top --one-shot', {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(boom)}`,
    });
    const { out } = await top.ended;
    isRestored(out);
    expect(out.slice(out.lastIndexOf(LEAVE))).toContain('planted crash');
    expect(out).not.toContain('code=0');
  });
});

/** Empty for a process that has gone meanwhile. */
function procText(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

describe.runIf(onLinux)('demo', () => {
  /** The processes of the demo in our sandbox: its directory is in their environment. */
  const swarm = (): number[] =>
    processesNaming('rampart-demo-').filter((pid) => processesNaming(box.dir).includes(pid));
  /** The server whose agent was killed lives, with a parent that is none of the demo's. */
  const hasOrphan = (): boolean => {
    const pids = swarm();
    return pids.some((pid) => {
      const [command, stat] = [procText(pid, 'cmdline'), procText(pid, 'stat')];
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
      return command.includes('demo-deaf-mcp/index.js') && !pids.includes(parent);
    });
  };
  const leftovers = (): string[] => readdirSync(box.dir).filter((name) => name.startsWith('rampart-demo-'));

  it('shows a leak, an orphan and an npx server, and is gone when it ends', async () => {
    const demo = kept(startCli(['demo', '--seconds', '12', '--json'], box));
    await until('the swarm', () => swarm().length >= SWARM_SIZE);
    const { code, out, err } = await demo.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const report = JSON.parse(out) as StatusReport;
    const shop = report.sessions.find(({ cwd }) => cwd?.startsWith(box.dir) === true && cwd.endsWith('demo-shop'));
    expect(shop?.byRole).toMatchObject({
      agent: { count: 1 },
      server: { count: 3 },
      wrapper: { count: 2 },
      tool: { count: 1 },
    });
    expect(
      report.unattributed.filter(({ verdict }) => verdict === 'orphan').map(({ serverName }) => serverName),
    ).toContain('demo-deaf-mcp');
    const memory = (name: string): number =>
      shop?.processes.find(({ serverName }) => serverName === name)?.pssBytes ?? 0;
    expect(memory('demo-leaky-mcp')).toBeGreaterThan(memory('demo-notes-mcp') + 20 * 1024 ** 2);
    expect(swarm()).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('leaves nothing behind after %s', async (signal) => {
    const demo = kept(startCli(['demo', '--seconds', '300'], box));
    await until('the swarm', () => swarm().length >= SWARM_SIZE);
    await until('the orphan to be one', hasOrphan);
    demo.child.kill(signal);
    const { code, err } = await demo.ended;
    await until('the swarm to end', () => swarm().length === 0);
    await until('its files to go', () => leftovers().length === 0);
    const farewell = `all ${SWARM_SIZE} processes of it are gone`;
    expect({ code, farewell: err.includes(farewell) }).toEqual({
      code: { SIGINT: 0, SIGTERM: 143, SIGHUP: 129, SIGKILL: null }[signal],
      farewell: signal !== 'SIGKILL',
    });
  });

  it('is live in a terminal, and ends with q', async () => {
    const demo = inTerminal('demo');
    await until('the sessions', () => screenOf(demo.out()).some((row) => row.includes('demo-shop')));
    expect(screenOf(demo.out()).join('\n')).toMatch(/Demo: 10 stand-in processes/);
    demo.child.stdin?.write('q');
    const { out } = await demo.ended;
    isRestored(out);
    expect(out).toContain('The demo is over; all 10 processes of it are gone.');
    expect(swarm()).toEqual([]);
  });
});
