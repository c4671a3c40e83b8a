import type { Lifecycle, Observation } from '../../model/index.ts';
import { defineAdvice, type Draft, type Known } from '../define-advice.ts';
import { endingEffect, sumEffects } from '../effects.ts';
import { automatic, HOST, priorityOf } from '../steps.ts';
import { countText, sizeText } from '../../wording/index.ts';

interface Group {
  readonly verdict: Lifecycle;
  readonly target: string;
  readonly one: string;
  readonly many: string;
  readonly why: string;
}

const GROUPS: readonly Group[] = [
  {
    verdict: 'orphan',
    target: 'orphans',
    one: 'orphan holds',
    many: 'orphans hold',
    why: 'Nobody can reach them any more: their agent has ended.',
  },
  {
    verdict: 'duplicate',
    target: 'duplicates',
    one: 'duplicate holds',
    many: 'duplicates hold',
    why: 'A newer copy of the same server runs under the same agent.',
  },
];

export const reap = defineAdvice({
  type: 'reap',
  about: 'Orphans and duplicates: end them. Each is judged and identified again right before it is touched.',
  look: (observation, known) => GROUPS.flatMap((group) => draft(group, observation, known)),
});

function draft(
  { verdict, target, one, many, why }: Group,
  { processes, limit, atMs }: Observation,
  { learned }: Known,
): Draft[] {
  const found = processes.filter((process) => process.lifecycle === verdict);
  if (found.length === 0) return [];
  // A server that its client starts again at once gives nothing back: earlier outcomes know it.
  const effects = found.map((process) => {
    const measured = learned.expected(
      { action: 'reap', finding: verdict, role: process.experience },
      process.footprintBytes,
      atMs,
    );
    return measured.bytes === null ? endingEffect([process]) : measured;
  });
  const effect = sumEffects(effects, effects[0]?.reason ?? '');
  const sure = found.map(({ lifecycleConfidence }) => lifecycleConfidence / 100);
  return [
    {
      key: target,
      priority: priorityOf(effect.bytes, limit.limitBytes),
      urgency: 'sometime',
      title: `${countText(found.length, one, many)} ${sizeText(effect.bytes ?? 0)}.`,
      reason: why,
      subject: HOST,
      evidence: found.slice(0, 8).map(({ id, lifecycleConfidence, footprintBytes }) => ({
        kind: verdict,
        detail: `${id}: ${sizeText(footprintBytes)}, ${Math.round(lifecycleConfidence)} % sure`,
      })),
      confidence: sure.reduce((sum, each) => sum + each, 0) / sure.length,
      processes: found.map(({ id }) => id),
      actions: [
        automatic('reap', target, {
          description:
            'Ends each after its identity and the evidence were checked again: SIGTERM, a grace time, SIGKILL.',
          effect,
          time: 'seconds',
        }),
      ],
    },
  ];
}
