import { defineAdvice } from '../define-advice.ts';
import { unknownEffect } from '../effects.ts';
import { automatic, manual, priorityOf, processSubject } from '../steps.ts';
import { sizeText } from '../../wording/index.ts';

/** A Node program of this size is worth the second that its inspector is open. */
const MIN_BYTES = 512 * 1024 * 1024;

export const lookInside = defineAdvice({
  type: 'look-inside',
  about: 'The largest Node program whose heap nobody has looked at: sample it, then a collection may be worth while.',
  look: ({ processes, limit }) => {
    const candidates = processes.filter(
      ({ runtime, role, heap, footprintBytes, leak }) =>
        runtime === 'node' &&
        role !== 'other' &&
        heap === null &&
        footprintBytes >= MIN_BYTES &&
        leak?.verdict !== 'leaking',
    );
    const largest = candidates.toSorted((a, b) => b.footprintBytes - a.footprintBytes)[0];
    if (largest === undefined) return [];
    const effect = unknownEffect('looking frees nothing; it tells whether a collection would');
    return [
      {
        key: largest.id,
        priority: priorityOf(null, limit.limitBytes),
        urgency: 'sometime',
        title: `What a Node process of ${sizeText(largest.footprintBytes)} holds is not known.`,
        reason: 'Its heap was never looked at: garbage, caches, buffers and native memory need different things.',
        subject: processSubject(largest),
        evidence: [
          {
            kind: 'footprint',
            detail: `${sizeText(largest.footprintBytes)}, the largest of ${candidates.length} of this kind`,
          },
        ],
        confidence: 0.5,
        processes: [largest.id],
        actions: [
          manual(
            'observe',
            {
              description: 'Split its memory into heap, buffers and native, and read its heap.',
              effect,
              time: 'seconds',
            },
            { command: `rampart inspect ${largest.id}` },
          ),
          automatic('capture', largest.id, {
            description: 'Keep the same with a sampling profile.',
            effect,
            time: '1 min',
          }),
        ],
      },
    ];
  },
});
