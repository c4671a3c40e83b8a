import type { LeakKind, Observation, ObservedProcess, RecommendedAction } from '../../model/index.ts';
import { defineAdvice, type Draft, type Known } from '../define-advice.ts';
import { figuredEffect, unknownEffect } from '../effects.ts';
import { caseOfProcess } from '../cases.ts';
import { KNOWN_LEAKS } from '../known-leaks.ts';
import { automatic, manual, priorityOf, processSubject, urgencyOf } from '../steps.ts';
import { isPlainId, sizeText, timeText } from '../../wording/index.ts';

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;
/** A cap leaves room for so much more growth: long enough for a person to come back from a night. */
const CAP_MS = 8 * HOUR_MS;

const KIND: Readonly<Record<LeakKind, string>> = {
  'v8-heap': 'in its V8 heap',
  external: 'in buffers outside the V8 heap',
  native: 'in native memory outside of V8',
  threads: 'with its threads',
  descriptors: 'with its open files',
  children: 'with its children',
  'swap-hidden': 'in memory that was swapped out',
  'file-growth': 'in files that it keeps',
  unknown: 'of an unknown kind',
};

export const leak = defineAdvice({
  type: 'leak',
  about:
    'A process that leaks: restart it at a good moment, upgrade a library with a known leak, look inside, cap it. What leaked so far is what a restart gives back.',
  look: (observation, known) =>
    observation.processes.flatMap((process) => {
      const { leak: found } = process;
      if (found === null || (found.verdict !== 'leaking' && found.verdict !== 'suspected')) return [];
      return [draft(process, found, observation, known)];
    }),
});

function draft(
  process: ObservedProcess,
  { verdict, finding, forecast, score }: NonNullable<ObservedProcess['leak']>,
  observation: Observation,
  known: Known,
): Draft {
  const { atMs } = observation;
  const kind = finding.kind ?? 'unknown';
  const rate = finding.ratePerHourBytes;
  const urgency = verdict === 'leaking' ? urgencyOf(forecast?.earliestMs ?? null, atMs) : 'sometime';
  const restart = restartStep(process, observation);
  const ends =
    forecast === null ? '' : ` Its limit is reached in ${timeText(forecast.earliestMs - atMs)} at the earliest.`;
  return {
    key: process.id,
    priority: priorityOf(restart.estimatedImpact.bytes, observation.limit.limitBytes, urgency),
    urgency,
    title: `A process ${verdict === 'leaking' ? 'leaks' : 'may leak'} ${KIND[kind]}${rate === null ? '' : `, ${sizeText(rate)} an hour`}.`,
    reason: `${finding.reason}${ends}`,
    subject: processSubject(process),
    evidence: finding.detectors
      .filter(({ detected }) => detected)
      .map(({ name, reason }) => ({ kind: name, detail: reason })),
    confidence: score ?? 0,
    processes: [process.id],
    actions: [
      restart,
      ...upgrades(process, kind, known),
      ...lookInside(process, kind, known, observation),
      ...cap(process, rate, observation),
    ],
  };
}

/** What leaked since the growth began, by the interval of its rate. */
function leakedSoFar({ leak: found, footprintBytes }: ObservedProcess, atMs: number) {
  const finding = found?.finding;
  if (
    finding == null ||
    finding.rateInterval === null ||
    finding.sinceMs === null ||
    finding.ratePerHourBytes === null
  ) {
    return unknownEffect('how much leaked so far is not known');
  }
  const hours = (atMs - finding.sinceMs) / HOUR_MS;
  const { lowBytesPerHour, highBytesPerHour } = finding.rateInterval;
  const clip = (perHour: number): number => Math.min(footprintBytes, Math.max(0, perHour * hours));
  return figuredEffect(
    clip(finding.ratePerHourBytes),
    clip(lowBytesPerHour),
    clip(highBytesPerHour),
    `its rate over the ${timeText(atMs - finding.sinceMs)} that it grew`,
  );
}

function restartStep(process: ObservedProcess, { atMs, sessions }: Observation): RecommendedAction {
  const { role, client, sessionId, lifecycle, lastActiveMs } = process;
  const session = sessions.find((one) => one.sessionId === sessionId);
  const isIdle = lifecycle === 'idle' || lifecycle === 'retained';
  const quiet =
    isIdle && lastActiveMs !== null
      ? `It has been idle for ${timeText(atMs - lastActiveMs)}: now is a good moment.`
      : isIdle
        ? 'It is idle: now is a good moment.'
        : 'Wait until it is idle, or a checkpoint is written.';
  const effect = leakedSoFar(process, atMs);
  if (role === 'agent') {
    const command = resumeCommand(client, sessionId);
    return manual(
      'restart',
      { description: `End the agent and resume its session. ${quiet}`, effect, time: '2 min' },
      { command },
    );
  }
  if (role === 'server') {
    const how =
      client === 'claude-code'
        ? 'In Claude Code: /mcp, choose the server, reconnect.'
        : 'Reconnect it in its client, or restart the client.';
    return manual(
      'restart',
      { description: `Restart this MCP server; the session stays. ${how} ${quiet}`, effect, time: '1 min' },
      { risk: session?.lifecycle === 'busy' ? 'medium' : 'low' },
    );
  }
  return manual('restart', { description: `Restart it. ${quiet}`, effect, time: '5 min' });
}

function resumeCommand(client: string | null, sessionId: string | null): string | null {
  if (sessionId === null || !isPlainId(sessionId)) return null;
  if (client === 'claude-code') return `claude --resume ${sessionId}`;
  return client === 'codex' ? `codex resume ${sessionId}` : null;
}

/** A library that was found and leaks; else, for a Node program whose heap or buffers grow, how to look for one. */
function upgrades({ id, runtime }: ObservedProcess, kind: LeakKind, { leakyPackages }: Known): RecommendedAction[] {
  const found = leakyPackages.get(id) ?? [];
  const effect = unknownEffect('it ends the growth; what leaked already needs a restart');
  if (found.length > 0) {
    return found.map(({ name, leaky, fixed, source, when }) =>
      manual(
        'upgrade',
        {
          description: `It uses ${name} from before ${fixed}, which leaks since ${leaky} or earlier (${when}): ${source}. Upgrade, then restart.`,
          effect,
          time: '10 min',
        },
        { command: `npm install ${name}@^${fixed}` },
      ),
    );
  }
  if (runtime !== 'node' || (kind !== 'v8-heap' && kind !== 'external' && kind !== 'unknown')) return [];
  const names = KNOWN_LEAKS.map(({ name }) => name);
  return [
    manual(
      'upgrade',
      {
        description: 'See whether it has a library that is known to leak; docs/advice.md lists the fixed versions.',
        effect,
        time: '5 min',
      },
      { command: `npm ls --all ${names.join(' ')}` },
    ),
  ];
}

function lookInside(
  process: ObservedProcess,
  kind: LeakKind,
  { learned }: Known,
  { atMs, severity }: Observation,
): RecommendedAction[] {
  const { id, runtime, footprintBytes, leak: found } = process;
  if (kind === 'descriptors' || kind === 'threads' || kind === 'children') {
    return [
      manual(
        'observe',
        {
          description: 'Look at what it holds open or started: its kind of growth is a count, not bytes.',
          effect: unknownEffect('looking frees nothing'),
          time: '5 min',
        },
        { call: `list_processes(match="${id.split(':')[0]}")`, command: `ls -l /proc/${process.pid}/fd` },
      ),
    ];
  }
  if (runtime !== 'node') return [];
  const steps = [
    automatic('capture', id, {
      description: 'Take two light profiles: they name the functions whose allocations stay alive.',
      effect: unknownEffect('looking frees nothing'),
      time: '1 min',
    }),
  ];
  // A heap whose floor is not known may only look as if it leaked: one collection tells.
  if (kind === 'v8-heap' && found?.finding.confirmation == null) {
    const effect = learned.expected(caseOfProcess('force_gc', process, severity), footprintBytes, atMs);
    steps.push(
      automatic('force_gc', id, {
        description: 'Collect its garbage once: what then is left is the leak.',
        effect,
        time: 'seconds',
      }),
    );
  }
  return steps;
}

function cap(process: ObservedProcess, ratePerHourBytes: number | null, { limit }: Observation): RecommendedAction[] {
  const room = Math.max(256 * MIB, ((ratePerHourBytes ?? 0) * CAP_MS) / HOUR_MS);
  const maxBytes = Math.ceil((process.footprintBytes + room) / MIB) * MIB;
  // A cap above what the host has caps nothing.
  if (maxBytes >= limit.limitBytes) return [];
  return [
    automatic(
      'limit',
      process.id,
      {
        description: `Cap it at ${sizeText(maxBytes)}: then only it is ended when it has grown that far, not the host.`,
        effect: unknownEffect('a cap frees nothing; it bounds what can be lost'),
        time: 'seconds',
      },
      { maxBytes },
    ),
  ];
}
