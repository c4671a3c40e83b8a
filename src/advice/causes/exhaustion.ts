import { defineAdvice } from '../define-advice.ts';
import { unknownEffect } from '../effects.ts';
import { HOST, manual, urgencyOf } from '../steps.ts';
import { sizeText, timeText } from '../../wording/index.ts';

const DAY_MS = 24 * 3_600_000;

export const exhaustion = defineAdvice({
  type: 'exhaustion',
  about: 'A host that runs out of memory, now or by forecast: who grows, and what to end first.',
  look: ({ atMs, severity, hostForecast, limit, processes }) => {
    const isDue = hostForecast !== null && hostForecast.earliestMs - atMs < DAY_MS;
    const isShort = severity === 'critical' || severity === 'emergency';
    if (!isDue && !isShort) return [];
    const growing = processes
      .filter(
        ({ leak }) => leak !== null && (leak.finding.ratePerHourBytes ?? 0) > 0 && leak.verdict !== 'insufficient-data',
      )
      .toSorted((a, b) => (b.leak?.finding.ratePerHourBytes ?? 0) - (a.leak?.finding.ratePerHourBytes ?? 0));
    const largest = processes.toSorted((a, b) => b.footprintBytes - a.footprintBytes);
    const first = growing[0] ?? largest[0];
    const urgency = isShort ? 'now' : urgencyOf(hostForecast?.earliestMs ?? null, atMs);
    const when =
      hostForecast === null
        ? ''
        : ` At its present growth it is full in ${timeText(hostForecast.atMs - atMs)}, ${timeText(hostForecast.earliestMs - atMs)} at the earliest.`;
    return [
      {
        key: 'host',
        priority: urgency === 'now' ? 'critical' : 'high',
        urgency,
        title: isShort
          ? `Memory is short: ${sizeText(limit.headroomBytes ?? 0)} left of ${sizeText(limit.limitBytes)}.`
          : `Memory runs out within ${timeText((hostForecast?.atMs ?? atMs) - atMs)}.`,
        reason: `${limit.source}${when}`,
        subject: HOST,
        evidence: (growing.length > 0 ? growing : largest).slice(0, 5).map(({ id, footprintBytes, leak }) => ({
          kind: growing.length > 0 ? 'grows' : 'large',
          detail: `${id}: ${sizeText(footprintBytes)}${growing.length > 0 ? `, ${sizeText(leak?.finding.ratePerHourBytes ?? 0)} an hour` : ''}`,
        })),
        confidence: isShort ? 1 : (hostForecast?.confidence ?? 0.5),
        processes: [],
        actions: [
          manual(
            'observe',
            {
              description:
                growing.length > 0
                  ? 'Restart what grows fastest, at its next good moment; the other recommendations say what can be ended at once.'
                  : 'Nothing of the agents grows: end what is finished, start no new agents.',
              effect: unknownEffect('what frees memory is listed on its own'),
              time: '5 min',
            },
            {
              call: first === undefined ? 'memory_status()' : `get_recommendations(target="${first.id}")`,
              command: 'rampart cleanup',
            },
          ),
        ],
      },
    ];
  },
});
