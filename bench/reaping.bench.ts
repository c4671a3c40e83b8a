// Two hundred and more planted processes of every class that users report, adversarial ones among them: what reaping ends,
// and what it leaves. Prints the confusion matrix; fails on one wrong kill or one orphan left. The peer is what users write
// into their crontab: everything that is called like a server and has pid 1 as its parent.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome, ProcessKey } from '../src/model/index.ts';
import { isGone, newClient, plantCases, treeOf, type Case } from '../test/support/actions/cases.ts';
import { openRealActing, type RealActing } from '../test/support/actions/real-acting.ts';
import { compile } from '../test/support/processes/farm.ts';
import { plantHealthy, plantOrphans } from '../test/support/swarm/planted.ts';
import { createSwarm } from '../test/support/swarm/swarm.ts';
import { enterPidNamespace } from './support/pid-namespace.ts';

const DEAD = '33333333-3333-4333-8333-333333333333';
const LIVE = '44444444-4444-4444-8444-444444444444';
const REUSES = 20;

enterPidNamespace();

/** What parent and name say alone, as the scripts in circulation go by. */
function crontabWouldKill(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
    return parent === 1 && /mcp|node|npm|claude/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  } catch {
    return false;
  }
}

async function plant(): Promise<{ cases: Case[]; kill: () => Promise<void>; end: () => Promise<void> }> {
  const swarm = createSwarm();
  const claude = await swarm.startAgent(DEAD);
  const codex = await swarm.startAgent('unused', { client: 'codex' });
  const live = await swarm.startAgent(LIVE);
  const [python, livePython] = [swarm.startPython(), swarm.startPython()];
  const cases: Case[] = [];
  const orphans = await plantOrphans(swarm, { claude, codex, python });
  for (const [pid, kind] of orphans) {
    // A chain is planted by its innermost process: the wrappers above it go too.
    const pids = kind === 'npx chain' ? withWrappers(pid, claude.pid) : treeOf(pid);
    cases.push({ kind, wanted: 'gone', pids });
  }
  const tmuxSocket = `rampart-bench-${process.pid}`;
  const healthy = await plantHealthy(swarm, { claude, codex, python, live, livePython, tmuxSocket });
  for (const [pid, kind] of healthy) {
    // Cut off, and another copy runs: that is what a duplicate is.
    const isCopy = kind === 'server that its live agent cut off';
    cases.push({ kind, wanted: isCopy ? 'gone' : 'alive', pids: [pid] });
  }
  cases.push(...(await plantCases(swarm, claude, live, 5)));
  const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: DEAD };
  for (let n = 0; n < 5; n += 1) {
    const pid = await python.start({ mode: 'piped', command: [swarm.mcpBinary, '200'], env });
    cases.push(newClient('orphan with a new client on its pipe', pid));
  }
  return {
    cases,
    kill: async () => void (await Promise.all([claude.kill(), codex.kill(), python.kill()])),
    end: () => swarm.end(),
  };
}

function withWrappers(pid: number, agent: number): number[] {
  const found = [pid];
  for (let at = pid; ;) {
    const stat = readFileSync(`/proc/${at}/stat`, 'latin1');
    at = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
    if (at <= 1 || at === agent) return found;
    found.push(at);
  }
}

/** A pid that changes hands between plan and order, again and again: nobody but the first owner was planned. */
async function reusedPids(acting: RealActing): Promise<{ tried: number; hit: number } | null> {
  const program = compile(fileURLToPath(new URL('../test/support/processes/reuse.c', import.meta.url)));
  const child = spawn(program.path, [], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<number> => {
    child.stdin.write('64\n');
    const { value, done } = await lines.next();
    return done === true ? 0 : Number(value);
  };
  let [tried, hit] = [0, 0];
  try {
    let pid = await next();
    for (let n = 0; n < REUSES; n += 1) {
      const { token } = await acting.planAction({ action: 'suspend', target: String(pid), origin: 'user' });
      const heir = await next();
      if (heir === 0 || heir !== pid) return tried === 0 ? null : { tried, hit };
      tried += 1;
      await acting.applyAction({ token: token ?? '' }).catch(() => null);
      if (/^State:\tT/m.test(readFileSync(`/proc/${heir}/status`, 'latin1'))) hit += 1;
      pid = heir;
    }
  } catch {
    return null;
  } finally {
    child.kill('SIGKILL');
    program.remove();
  }
  return { tried, hit };
}

const acting = await openRealActing({ config: { 'actions.graceMs': 2_000 } });
const { cases, kill, end } = await plant();
await acting.engine.lookNow();
await kill();
await acting.engine.lookNow();

const peer = new Map(cases.map((each) => [each, each.pids.some(crontabWouldKill)]));
const plans = [];
for (const target of ['orphans', 'duplicates']) {
  plans.push(await acting.planAction({ action: 'reap', target, origin: 'user', callerPid: process.pid }));
}
for (const { between } of cases) await between?.();
await delay(300);
const outcomes: Outcome[] = [];
const fromMs = performance.now();
for (const { token } of plans) if (token !== null) outcomes.push(await acting.applyAction({ token }));
const tookMs = performance.now() - fromMs;

const kinds = [...new Set(cases.map(({ kind }) => kind))];
const isFullyGone = ({ pids }: Case): boolean => pids.every(isGone);
const isTouched = ({ pids }: Case): boolean => pids.some(isGone);
console.log(`${'kind'.padEnd(52)} wanted  cases  gone  left  crontab kills`);
for (const kind of kinds) {
  const of = cases.filter((each) => each.kind === kind);
  const gone = of.filter(of[0]?.wanted === 'gone' ? isFullyGone : isTouched).length;
  const cron = of.filter((each) => peer.get(each) === true).length;
  const row = [of[0]?.wanted.padEnd(6), of.length, gone, of.length - gone, cron].map((cell) =>
    String(cell).padStart(5),
  );
  console.log(`${kind.padEnd(52)} ${row.join(' ')}`);
}
const wanted = cases.filter((each) => each.wanted === 'gone');
const kept = cases.filter((each) => each.wanted === 'alive');
const missed = wanted.filter((each) => !isFullyGone(each));
const wrong = kept.filter(isTouched);
const peerWrong = kept.filter((each) => peer.get(each) === true).length;
const peerMissed = wanted.filter((each) => peer.get(each) !== true).length;
console.log(`\n${'confusion matrix'.padEnd(28)}   ended   left`);
console.log(
  `${'to be ended'.padEnd(28)} ${String(wanted.length - missed.length).padStart(7)} ${String(missed.length).padStart(6)}`,
);
console.log(
  `${'to be left alone'.padEnd(28)} ${String(wrong.length).padStart(7)} ${String(kept.length - wrong.length).padStart(6)}`,
);
console.log(`\nby parent and name alone: ${peerWrong} wrong kills, ${peerMissed} missed`);
const pids = wanted.reduce((sum, each) => sum + each.pids.length, 0);
console.log(`${cases.length} cases, ${pids} processes to be ended, in ${Math.round(tookMs)} ms`);
for (const { summary } of outcomes) console.log(summary);

const reuse = await reusedPids(acting);
if (reuse === null) console.log('pid reuse: not possible here (needs a C compiler and ns_last_pid)');
else console.log(`pid reused between plan and order: ${reuse.tried} times, ${reuse.hit} heirs touched`);

const signalled = new Set<ProcessKey | null>();
for (const { event, process: key } of (await acting.audit({ limit: 1000 })).entries)
  if (event === 'signal') signalled.add(key);
console.log(
  `audit: ${signalled.size} processes were signalled; ${readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length} live on`,
);
for (const each of [...missed, ...wrong]) {
  const living = each.pids.filter((pid) => !isGone(pid));
  console.log(`WRONG: ${each.kind} (wanted ${each.wanted}): ${living.join(' ')} live, of ${each.pids.join(' ')}`);
  for (const { process: of, detail } of outcomes.flatMap(({ targets }) => targets)) {
    if (each.pids.includes(of.pid)) console.log(`  ${of.id}: ${detail}`);
  }
}
await acting.close();
await end();
process.exit(missed.length + wrong.length + (reuse?.hit ?? 0) === 0 ? 0 : 1);
