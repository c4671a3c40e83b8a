import type {
  ActionName,
  ActionParameters,
  Alert,
  Observation,
  ObservedProcess,
  Recommendation,
  Risk,
} from '../model/index.ts';
import { caseOf, caseOfProcess } from './cases.ts';
import { toConfirm } from './confirming.ts';
import type { Case } from './learning/index.ts';

/** What automation may do, by the configuration. */
export interface Triggers {
  readonly autoGC: boolean;
  readonly confirmSuspects: boolean;
  readonly memoryDump: boolean;
  readonly automaticShutdown: boolean;
  /** Highest risk of a recommendation that is carried out; null: none is. */
  readonly highestRisk: Risk | null;
  /** Used part of a V8 heap's limit from which `autoGC` acts. */
  readonly heapShare: number;
}

/** One thing that automation could do now. */
export interface Candidate {
  readonly trigger: 'automaticShutdown' | 'memoryDump' | 'autoGC' | 'autoOptimization' | 'confirmSuspects';
  readonly action: ActionName;
  readonly target: string;
  readonly parameters?: ActionParameters | undefined;
  readonly risk: Risk;
  readonly case: Case;
  readonly sizeBytes: number;
  /** For the audit log; our own words. */
  readonly reason: string;
}

const RISKS: readonly Risk[] = ['none', 'low', 'medium', 'high'];
/** Older figures of a heap say nothing of now. */
const STALE_MS = 5 * 60_000;

/** What could be done now, the most urgent first. Pure. */
export function automationCandidates(
  observation: Observation,
  alerts: readonly Alert[],
  advice: readonly Recommendation[],
  triggers: Triggers,
): Candidate[] {
  return [
    ...(triggers.automaticShutdown ? shutdown(observation, alerts) : []),
    ...(triggers.memoryDump ? dump(observation, alerts) : []),
    ...(triggers.autoGC ? collect(observation, alerts, triggers.heapShare) : []),
    ...(triggers.highestRisk === null ? [] : carriedOut(observation, advice, triggers.highestRisk)),
    ...(triggers.confirmSuspects ? confirm(observation) : []),
  ];
}

const isEmergency = ({ severity }: Observation, alerts: readonly Alert[]): boolean =>
  severity === 'emergency' || alerts.some(({ level, state }) => level === 'emergency' && state === 'firing');

/**
 * Who caused it: the process that an emergency is about; else the one that leaks fastest. When nothing leaks nobody is to
 * blame, and nobody is ended.
 */
function culprit({ processes }: Observation, alerts: readonly Alert[]): ObservedProcess | null {
  const named = alerts.filter(
    ({ level, state, subject }) => level === 'emergency' && state === 'firing' && subject.kind === 'process',
  );
  const byAlert = processes.find(({ id }) => named.some(({ subject }) => subject.id === id));
  if (byAlert !== undefined) return byAlert;
  const leaking = processes.filter(({ leak, role }) => leak?.verdict === 'leaking' && role !== 'other');
  const rate = ({ leak }: ObservedProcess): number => leak?.finding.ratePerHourBytes ?? 0;
  return leaking.toSorted((a, b) => rate(b) - rate(a))[0] ?? null;
}

function shutdown(observation: Observation, alerts: readonly Alert[]): Candidate[] {
  // Only when the host itself is out of memory: an emergency of one process alone ends at its own limit.
  if (observation.severity !== 'emergency') return [];
  const process = culprit(observation, alerts);
  if (process === null) return [];
  return [
    on(observation, process, 'automaticShutdown', 'emergency_shutdown', 'high', 'memory emergency; it grows fastest'),
  ];
}

function dump(observation: Observation, alerts: readonly Alert[]): Candidate[] {
  if (!isEmergency(observation, alerts)) return [];
  const process = culprit(observation, alerts);
  if (process === null || process.runtime !== 'node') return [];
  return [on(observation, process, 'memoryDump', 'heap_snapshot', 'medium', 'memory emergency; it may be gone soon')];
}

function collect(observation: Observation, alerts: readonly Alert[], heapShare: number): Candidate[] {
  const alerted = new Set(
    alerts.flatMap(({ type, state, subject }) => (type === 'heap-pressure' && state === 'firing' ? [subject.id] : [])),
  );
  return observation.processes.flatMap((process) => {
    const { heap, runtime, id } = process;
    if (runtime !== 'node') return [];
    const isFull =
      heap !== null &&
      heap.limitBytes !== null &&
      observation.atMs - heap.atMs <= STALE_MS &&
      heap.usedBytes >= heap.limitBytes * heapShare;
    // A heap that is full right after a collection has nothing left to collect.
    if (heap?.isAfterGc === true || (!isFull && !alerted.has(id))) return [];
    return [on(observation, process, 'autoGC', 'force_gc', 'low', 'its V8 heap is nearly full')];
  });
}

/** Not to save memory, but to know: does what grows survive a full collection? */
const confirm = (observation: Observation): Candidate[] =>
  toConfirm(observation).map((process) =>
    on(observation, process, 'confirmSuspects', 'force_gc', 'low', 'does what grows survive a full collection?'),
  );

function on(
  { severity }: Observation,
  process: ObservedProcess,
  trigger: Candidate['trigger'],
  action: ActionName,
  risk: Risk,
  reason: string,
): Candidate {
  return {
    trigger,
    action,
    target: process.id,
    risk,
    case: caseOfProcess(action, process, severity),
    sizeBytes: process.footprintBytes,
    reason,
  };
}

/** Recommendations about memory that Rampart can carry out itself, within the risk; each of their actions competes. */
function carriedOut(observation: Observation, advice: readonly Recommendation[], highestRisk: Risk): Candidate[] {
  const byId = new Map(observation.processes.map((process) => [process.id, process]));
  return advice.flatMap(({ actions, processes, title }) => {
    const targets = processes.flatMap((id) => byId.get(id) ?? []);
    const sizeBytes = targets.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
    return actions.flatMap((action): Candidate[] => {
      if (action.request === null || RISKS.indexOf(action.risk) > RISKS.indexOf(highestRisk)) return [];
      // Several roles together are kept under the name of the group, as the runner does.
      const of = caseOf(action, targets, observation.severity) ?? {
        action: action.request.action,
        finding: 'none',
        role: action.request.target,
      };
      return [
        {
          trigger: 'autoOptimization',
          action: action.request.action,
          target: action.request.target,
          parameters: action.request.parameters,
          risk: action.risk,
          case: of,
          sizeBytes,
          reason: title,
        },
      ];
    });
  });
}
