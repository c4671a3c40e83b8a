import { defineAdvice, type Draft } from '../define-advice.ts';
import { endingEffect } from '../effects.ts';
import { groupBy } from '../group-by.ts';
import { manual, priorityOf } from '../steps.ts';
import { countText, sizeText } from '../../wording/index.ts';

const MIB = 1024 * 1024;
/** Two small copies are not worth a shared server with its port and its life of its own. */
const MIN_BYTES = 64 * MIB;

export const fanOut = defineAdvice({
  type: 'fan-out',
  about: 'The same MCP server once per session: let it run once and serve all over HTTP, where it can.',
  look: ({ processes, limit }) => {
    const members = processes.filter(
      ({ serverName, role, sessionId, lifecycle }) =>
        serverName !== null &&
        sessionId !== null &&
        (role === 'server' || role === 'wrapper') &&
        lifecycle !== 'orphan' &&
        lifecycle !== 'duplicate',
    );
    return [...groupBy(members, ({ serverName }) => serverName ?? '')].flatMap(([serverName, group]): Draft[] => {
      const copies = [...groupBy(group, ({ sessionId }) => sessionId ?? '').values()]
        .map((copy) => ({ copy, bytes: copy.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0) }))
        .toSorted((a, b) => b.bytes - a.bytes);
      const others = copies.slice(1).flatMap(({ copy }) => copy);
      const effect = endingEffect(others);
      if (copies.length < 2 || (effect.bytes ?? 0) < MIN_BYTES) return [];
      const total = copies.reduce((sum, { bytes }) => sum + bytes, 0);
      return [
        {
          key: serverName,
          priority: priorityOf(effect.bytes, limit.limitBytes),
          urgency: 'sometime',
          title: `One MCP server runs ${copies.length} times, once per session: ${sizeText(total)} together.`,
          reason: `One copy for all would save about ${sizeText(effect.bytes ?? 0)}; it serves all and may grow by what they keep in it. Whether it may serve several sessions is its author's to say.`,
          subject: { kind: 'server', id: serverName, name: serverName },
          evidence: [
            {
              kind: 'copies',
              detail: `${countText(copies.length, 'session')}, largest copy ${sizeText(copies[0]?.bytes ?? 0)}`,
            },
          ],
          // It may keep state for each session; nothing seen from outside says so.
          confidence: 0.6,
          processes: others.map(({ id }) => id),
          actions: [
            manual('configure', {
              description:
                'Start it once with its HTTP transport, bound to 127.0.0.1, and give every client its URL instead of a command.',
              effect,
              time: '15 min',
            }),
          ],
        },
      ];
    });
  },
});
