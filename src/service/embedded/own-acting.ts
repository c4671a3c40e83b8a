import { randomUUID } from 'node:crypto';
import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { caseOfProcess } from '../../advice/cases.ts';
import {
  RampartError,
  type Acting,
  type ActionName,
  type ActionPlan,
  type ActionRequest,
  type Clock,
  type HeapChange,
  type Measurement,
  type Observation,
  type Outcome,
  type ProcessKey,
  type RampartEvent,
  type Refusal,
} from '../../model/index.ts';
import { openGc } from './own-garbage.ts';
import { ownEffect, type OwnPoint } from './own-effect.ts';

export interface OwnActingDeps {
  readonly clock: Clock;
  readonly observe: () => Promise<Observation | null>;
  readonly publish: (event: RampartEvent) => void;
  /** The last looks at our own memory, oldest first. */
  readonly points: () => readonly OwnPoint[];
  /** Clears what this process registered with `registerCache`; null: nothing is. */
  readonly clearCaches: (name: string | null) => Promise<readonly string[] | null>;
}

/** The program itself applies what it has just planned; nobody reads the plan in between. */
const PLAN_LIFE_MS = 60_000;
/** The kernel gets pages back with the next turn of V8's sweeper. */
const SETTLE_MS = 200;

/** What the library does to the very process that it runs in. Everything else is the service's. */
export function createOwnActing(deps: OwnActingDeps): Pick<Acting, 'planAction' | 'applyAction'> {
  const { clock } = deps;
  const waiting = new Map<string, { readonly request: ActionRequest; readonly untilMs: number }>();
  let gc: (() => void) | null = null;
  let isBusy = false;

  /** Resolves to what was done, in our words. */
  const perform = async ({ action, parameters }: ActionRequest): Promise<string> => {
    gc ??= openGc();
    if (action === 'clear_caches') {
      const cleared = await deps.clearCaches(parameters?.cache ?? null);
      if (cleared === null || cleared.length === 0) throw new Error('no cache was cleared');
      // What a cache let go is free only when it was collected.
      gc();
      return `${cleared.length} ${cleared.length === 1 ? 'cache' : 'caches'} cleared`;
    }
    gc();
    // The second collection finds what finalisers of the first let go, and lets V8 shrink its heap.
    if (action === 'compact_heap') {
      await sleep(SETTLE_MS / 2);
      gc();
    }
    return 'collected';
  };

  const planAction = async (request: ActionRequest): Promise<ActionPlan> => {
    const own = await ownProcess(await deps.observe());
    const refusal = refuse(request, own?.id ?? null, isBusy);
    const token = refusal === null ? randomUUID() : null;
    const expiresAtMs = clock.nowMs() + PLAN_LIFE_MS;
    for (const [old, { untilMs }] of waiting) if (untilMs < clock.nowMs()) waiting.delete(old);
    if (token !== null) waiting.set(token, { request, untilMs: expiresAtMs });
    return {
      schemaVersion: 1,
      atMs: clock.nowMs(),
      action: request.action,
      risk: 'low',
      reversible: false,
      targets:
        own === null || refusal !== null
          ? []
          : [
              {
                process: identity(own.id),
                name: own.name,
                role: own.role,
                sessionId: own.sessionId,
                verdict: own.lifecycle,
                footprintBytes: own.footprintBytes,
                steps: [STEPS[request.action] ?? ''],
                evidence: [],
                refusal: null,
              },
            ],
      refusal,
      expected: {
        bytes: null,
        lowBytes: null,
        highBytes: null,
        confidence: null,
        basedOn: 0,
        reason: 'see recommend()',
      },
      token,
      expiresAtMs,
      confirm: 'token',
      summary:
        refusal === null ? `${request.action} on this process.` : `${request.action}: not done. ${refusal.reason}`,
    };
  };

  const applyAction = async ({ token }: { readonly token: string }): Promise<Outcome> => {
    const plan = waiting.get(token);
    waiting.delete(token);
    const observation = await deps.observe();
    const own = await ownProcess(observation);
    if (plan === undefined || plan.untilMs < clock.nowMs() || own === null || observation === null || isBusy) {
      throw new RampartError('bad-input', 'this plan is not valid any more', 'Plan again.');
    }
    isBusy = true;
    try {
      const { request } = plan;
      const startedAtMs = clock.nowMs();
      const before = measure(startedAtMs);
      const points = deps.points();
      let error: Outcome['error'] = null;
      let detail = '';
      try {
        detail = await perform(request);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        error = { code: 'internal', message, hint: 'Register a cache with registerCache(), or try force_gc.' };
      }
      await sleep(SETTLE_MS);
      const after = measure(clock.nowMs());
      const reclaimedBytes = before.rssBytes - after.rssBytes;
      const effect = ownEffect(points, reclaimedBytes, after.atMs - before.atMs);
      const outcome: Outcome = {
        ...caseOfProcess(request.action, own, observation.severity),
        finding: caseOfProcess(request.action, own, observation.severity).finding as Outcome['finding'],
        id: randomUUID(),
        action: request.action,
        origin: request.origin,
        risk: 'low',
        startedAtMs,
        endedAtMs: after.atMs,
        settledAfterMs: SETTLE_MS,
        before,
        after,
        reclaimedBytes,
        ...effect,
        result: error === null ? effect.result : 'failed',
        targets: [
          { process: identity(own.id), done: error === null, refusal: null, detail, heap: heapChange(before, after) },
        ],
        undo: { possible: false, reason: 'what was collected is gone' },
        error,
        summary: error === null ? `${request.action}: ${detail}.` : `${request.action} failed: ${error.message}.`,
      };
      deps.publish({ type: 'outcome', atMs: outcome.endedAtMs, outcome });
      return outcome;
    } finally {
      isBusy = false;
    }
  };

  return { planAction, applyAction };
}

const STEPS: Readonly<Partial<Record<ActionName, string>>> = {
  force_gc: 'Collect all garbage; the program stands still for it.',
  compact_heap: 'Collect twice, and let V8 shrink its heap.',
  clear_caches: 'Ask the owner of each registered cache to clear it, and collect.',
};

function refuse({ action, target }: ActionRequest, own: ProcessKey | null, isBusy: boolean): Refusal | null {
  if (STEPS[action] === undefined || (target !== 'self' && target !== own)) {
    return {
      code: 'not-allowed',
      reason: 'The library only collects garbage and clears caches, in the process that it runs in.',
      hint: 'Ask the service for the rest: openRampart().',
    };
  }
  if (own === null) return { code: 'gone', reason: 'Nothing was seen yet.', hint: 'Wait for the first look.' };
  return isBusy ? { code: 'in-progress', reason: 'Another action runs.', hint: 'Wait until it has ended.' } : null;
}

async function ownProcess(observation: Observation | null) {
  return observation?.processes.find(({ pid }) => pid === process.pid) ?? null;
}

function identity(id: ProcessKey) {
  const [pid = 0, startTime = 0] = id.split(':').map(Number);
  return { id, pid, startTime };
}

function heapChange(before: Measurement, after: Measurement): HeapChange | null {
  if (before.heapUsedBytes === null || after.heapUsedBytes === null) return null;
  return { beforeBytes: before.heapUsedBytes, afterBytes: after.heapUsedBytes };
}

function measure(atMs: number): Measurement {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    atMs,
    rssBytes: rss,
    pssBytes: null,
    swapBytes: null,
    heapUsedBytes: heapUsed,
    hostAvailableBytes: freemem(),
  };
}
