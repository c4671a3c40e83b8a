/**
 * The stand-in swarm's programs, as text: they are written to a temporary directory, because a demonstration must work
 * from one bundled file. Each is plain Node of the running version, and says in its name that it is a demo.
 */

/**
 * Every process of the demo holds a connection to `rampart demo`. The kernel closes it when that ends, by whatever means
 * (also kill -9), and then they all leave; the timer is for the case that even this fails.
 */
const LIFELINE = `
const leave = () => process.exit(0);
const life = require('node:net').connect(process.env.DEMO_SOCKET);
life.on('connect', () => life.write(process.pid + '\\n'));
for (const event of ['error', 'end', 'close']) life.on(event, leave);
life.resume();
setTimeout(leave, Number(process.env.DEMO_MAX_MS));
`;

/** Starts what its plan lists, as Claude Code does: servers in its own group, tools in a group of theirs. */
const AGENT = `
const { spawn } = require('node:child_process');
const { readFileSync, rmSync } = require('node:fs');
require(process.env.DEMO_DIR + '/lifeline.js');
process.on('exit', () => { try { rmSync(process.env.DEMO_DIR, { recursive: true, force: true }); } catch {} });
const id = process.argv[process.argv.indexOf('--session-id') + 1];
const { killed, children } = JSON.parse(readFileSync(process.env.DEMO_DIR + '/plan.json', 'utf8'))[id];
if (killed) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2000);
const ballast = Buffer.alloc(40 * 1024 * 1024, 1);
for (const { role, args } of children) {
  const tool = role === 'tool';
  const env = { ...process.env, CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: id, CLAUDE_PROJECT_DIR: process.cwd() };
  if (tool) Object.assign(env, { CLAUDE_PID: String(process.pid), CLAUDE_CODE_CHILD_SESSION: '1' });
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'], env, detached: tool });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  if (!tool) setInterval(() => child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\\n'), 1000);
}
setInterval(() => { const until = Date.now() + 40; while (Date.now() < until) ballast.fill(2, 0, 4096); }, 1000);
`;

/** What npx does: a shell, and in it the server. The shell stays, as npm's does where it does not replace itself. */
const NPX = `
require(process.env.DEMO_DIR + '/lifeline.js');
const path = process.env.DEMO_DIR + '/node_modules/' + process.argv.at(-1) + '/index.js';
const child = require('node:child_process').spawn('sh', ['-c', 'node "$0"; exit $?', path], {
  stdio: ['inherit', 'ignore', 'ignore'],
  env: { ...process.env, PATH: require('node:path').dirname(process.execPath) + ':' + process.env.PATH },
});
child.on('error', leaveToo);
child.on('exit', leaveToo);
function leaveToo() { process.exit(0); }
`;

/** Answers nothing, but reads its requests and works a little for each, so that it looks alive. */
const SERVER = `
require(process.env.DEMO_DIR + '/lifeline.js');
process.stdin.on('data', () => { const until = Date.now() + 5; while (Date.now() < until); });
process.stdin.on('end', () => process.exit(0));
`;

/** Keeps 4 MiB of every second, up to 200 MiB: a leak that anybody can watch and no machine notices. */
const LEAKY = `
require(process.env.DEMO_DIR + '/lifeline.js');
const kept = [];
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
const timer = setInterval(() => {
  kept.push(Buffer.alloc(4 * 1024 * 1024, 1));
  if (kept.length >= 50) clearInterval(timer);
}, 1000);
`;

/** The fault of 37 orphans in typescript-sdk#2002: it does not notice that its client has gone. */
const DEAF = `
require(process.env.DEMO_DIR + '/lifeline.js');
process.stdin.on('error', () => {});
process.stdin.resume();
`;

/** Works in bursts on 30 MiB, as a build does. */
const BUILD = `
require(process.env.DEMO_DIR + '/lifeline.js');
const work = Buffer.alloc(30 * 1024 * 1024, 1);
setInterval(() => { const until = Date.now() + 60; while (Date.now() < until) work.copy(work, 1, 0, 100_000); }, 400);
`;

/** By path under the demo's directory. The agent's path is the one that its npm package has. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  'lifeline.js': LIFELINE,
  'node_modules/@anthropic-ai/claude-code/cli.js': AGENT,
  'node_modules/npm/bin/npx-cli.js': NPX,
  'node_modules/demo-notes-mcp/index.js': SERVER,
  'node_modules/demo-search-mcp/index.js': SERVER,
  'node_modules/demo-leaky-mcp/index.js': LEAKY,
  'node_modules/demo-deaf-mcp/index.js': DEAF,
  'demo-build.js': BUILD,
};

interface PlannedChild {
  readonly role: 'server' | 'tool';
  readonly args: readonly string[];
}

export interface PlannedSession {
  /** Directory that the agent works in: its name is the session's. */
  readonly project: string;
  readonly children: readonly PlannedChild[];
  /** The agent dies of SIGKILL after two seconds, so that its children become orphans. */
  readonly killed: boolean;
}

/** How many processes the plan makes, less the shell of npx, which holds no lifeline. */
export const SWARM_SIZE = 10;

/** Two sessions that share a server, one with a leak and an npx server, and a third whose agent dies. */
export function plan(dir: string): readonly PlannedSession[] {
  const server = (name: string): PlannedChild => ({ role: 'server', args: [`${dir}/node_modules/${name}/index.js`] });
  return [
    {
      project: 'demo-shop',
      killed: false,
      children: [
        server('demo-notes-mcp'),
        server('demo-leaky-mcp'),
        { role: 'server', args: [`${dir}/node_modules/npm/bin/npx-cli.js`, '-y', 'demo-search-mcp'] },
        { role: 'tool', args: [`${dir}/demo-build.js`] },
      ],
    },
    { project: 'demo-website', killed: false, children: [server('demo-notes-mcp')] },
    { project: 'demo-crashed', killed: true, children: [server('demo-deaf-mcp')] },
  ];
}
