import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLearning, recommend, type Learning } from '../../../src/advice/index.ts';
import { loadConfig } from '../../../src/config/index.ts';
import type {
  ActionPlan,
  ActionRequest,
  Observation,
  Outcome,
  ProcessKey,
  RampartEvent,
} from '../../../src/model/index.ts';
import { createAutomationFile } from '../../../src/service/automation-file.ts';
import { createAutomation, type Automation, type AutomationDeps } from '../../../src/service/automation.ts';
import { createKillSwitch } from '../../../src/service/kill-switch.ts';
import { NOW } from './observation.ts';
import { outcome } from './outcomes.ts';

const MINUTE = 60_000;

export interface Setup {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly refuse?: (request: ActionRequest) => boolean;
  readonly result?: (request: ActionRequest) => Partial<Outcome>;
  /** Actions stay under way until this is called. */
  readonly hold?: boolean;
  readonly deps?: Partial<AutomationDeps>;
}

export async function openAutomation(
  dir: string,
  { options = {}, refuse = () => false, result = () => ({}), hold = false, deps = {} }: Setup = {},
) {
  let nowMs = NOW;
  const log: string[] = [];
  const problems: string[] = [];
  const planned: ActionRequest[] = [];
  const releases: (() => void)[] = [];
  const learning: Learning = createLearning();
  let heard: (event: RampartEvent) => void = () => undefined;
  const path = join(dir, 'automation.json');
  const config = loadConfig({
    flags: { 'autoOptimization.enabled': true, ...options },
    env: {},
    projectFile: false,
    readFile: () => null,
  }).config;
  const automation = await createAutomation(config, {
    acting: {
      planAction: async (request) => {
        planned.push(request);
        log.push(`plan ${request.action} ${request.target}`);
        return plan(request, refuse(request), String(planned.length - 1));
      },
      applyAction: async ({ token }) => {
        const request = planned[Number(token)];
        if (request === undefined) throw new Error('no such plan');
        log.push(
          `apply ${request.action} ${request.target}, ${readFileSync(path, 'utf8').split(',').length - 1} counted`,
        );
        if (hold) await new Promise<void>((resolve) => releases.push(resolve));
        const done = outcome(20, { action: request.action, endedAtMs: nowMs, ...result(request) });
        learning.learn(done);
        return done;
      },
    },
    engine: {
      observe: async () => null,
      subscribe: async (listener) => {
        heard = listener;
        return () => undefined;
      },
    },
    advice: { learning, recommend: async (seen) => recommend(seen, { learned: learning, leakyPackages: new Map() }) },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    random: () => 0.9,
    file: createAutomationFile(path, (what) => problems.push(what)),
    isStopped: createKillSwitch(join(dir, 'automation.off')).isStopped,
    onProblem: (what) => problems.push(what),
    ...deps,
  });
  const applied = (): string[] =>
    log.filter((line) => line.startsWith('apply')).map((line) => line.split(/[ ,]/)[1] ?? '');
  return {
    automation,
    log,
    applied,
    problems,
    planned,
    releases,
    learning,
    publish: (event: RampartEvent) => heard(event),
    pass: (ms: number) => (nowMs += ms),
    path,
  };
}

function plan(request: ActionRequest, refused: boolean, token: string): ActionPlan {
  const refusal = refused ? { code: 'unavailable' as const, reason: 'It cannot be asked.', hint: '' } : null;
  const [pid = '1', startTime = '1'] = request.target.split(':');
  const id: ProcessKey = `${Number(pid) || 1}:${Number(startTime) || 1}`;
  return {
    schemaVersion: 1,
    atMs: NOW,
    action: request.action,
    risk: 'low',
    reversible: false,
    targets: [
      {
        process: { id, pid: Number(pid) || 1, startTime: Number(startTime) || 1 },
        name: '',
        role: 'server',
        sessionId: null,
        verdict: 'idle',
        footprintBytes: 1,
        steps: [],
        evidence: [],
        refusal,
      },
    ],
    refusal,
    expected: { bytes: null, lowBytes: null, highBytes: null, confidence: null, basedOn: 0, reason: '' },
    token: refused ? null : token,
    expiresAtMs: NOW + MINUTE,
    confirm: 'token',
    summary: '',
  };
}

export async function many(automation: Automation, seen: Observation, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    await automation.decide(seen);
    // What was begun comes to its end.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
