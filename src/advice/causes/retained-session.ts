import { defineAdvice } from '../define-advice.ts';
import { endingEffect } from '../effects.ts';
import { automatic, manual, priorityOf, sessionSubject } from '../steps.ts';
import { countText, isPlainId, sizeText } from '../../wording/index.ts';

export const retainedSession = defineAdvice({
  type: 'retained-session',
  about: 'Sessions that are finished and still hold memory: end them; they can be resumed later.',
  look: ({ sessions, processes, limit }) =>
    sessions
      .filter(({ lifecycle }) => lifecycle === 'retained')
      .flatMap((session) => {
        const ids = new Set<string>(session.processes);
        const own = processes.filter(({ id }) => ids.has(id));
        if (own.length === 0) return [];
        const effect = endingEffect(own);
        const canResume = session.client === 'claude-code' && isPlainId(session.sessionId);
        return [
          {
            key: session.sessionId,
            priority: priorityOf(effect.bytes, limit.limitBytes),
            urgency: 'sometime' as const,
            title: `A finished session still holds ${sizeText(effect.bytes ?? 0)} in ${countText(own.length, 'process', 'processes')}.`,
            reason: 'Its agent has nothing to do and nobody at it; what it holds serves nothing.',
            subject: sessionSubject(session),
            evidence: own.slice(0, 4).map(({ id, lifecycleConfidence, footprintBytes }) => ({
              kind: 'retained',
              detail: `${id}: ${sizeText(footprintBytes)}, ${Math.round(lifecycleConfidence)} % sure`,
            })),
            confidence: Math.max(...own.map(({ lifecycleConfidence }) => lifecycleConfidence)) / 100,
            processes: own.map(({ id }) => id),
            actions: [
              automatic(
                'reap',
                session.sessionId,
                { description: 'End it; its transcript stays.', effect, time: 'seconds' },
                { only: 'retained' },
              ),
              ...(canResume
                ? [
                    manual(
                      'restart',
                      { description: 'Close it by hand, and resume it when it is needed.', effect, time: '1 min' },
                      { command: `claude --resume ${session.sessionId}` },
                    ),
                  ]
                : []),
            ],
          },
        ];
      }),
});
