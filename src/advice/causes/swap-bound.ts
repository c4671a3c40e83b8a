import { defineAdvice } from '../define-advice.ts';
import { endingEffect, unknownEffect } from '../effects.ts';
import { HOST, manual, priorityOf } from '../steps.ts';
import { countText, sizeText } from '../../wording/index.ts';

/** systemd-oomd kills from 90 % of swap; a host with half of it in use and stalls is bound by it already. */
const FULL_SHARE = 0.8;
const USED_SHARE = 0.5;
/** Any steady stall for memory: Senpai holds a healthy machine at 0.1 %. */
const STALL_PERCENT = 1;

export const swapBound = defineAdvice({
  type: 'swap-bound',
  about: 'A host whose swap is nearly full, or in use while work waits for memory: end what is idle and swapped out.',
  look: ({ host, limit, processes }) => {
    const usedBytes = host.swapTotalBytes - host.swapFreeBytes;
    const share = host.swapTotalBytes > 0 ? usedBytes / host.swapTotalBytes : 0;
    const stall = host.pressure?.someAvg10Percent ?? 0;
    if (share < USED_SHARE || (share < FULL_SHARE && stall < STALL_PERCENT)) return [];
    const idle = processes
      .filter(({ swapBytes, lifecycle }) => (swapBytes ?? 0) > 0 && lifecycle !== 'busy' && lifecycle !== 'unknown')
      .toSorted((a, b) => (b.swapBytes ?? 0) - (a.swapBytes ?? 0));
    const effect = idle.length === 0 ? unknownEffect('no idle process of an agent is swapped out') : endingEffect(idle);
    return [
      {
        key: 'swap',
        priority: share >= FULL_SHARE ? 'high' : priorityOf(effect.bytes, limit.limitBytes),
        urgency: share >= FULL_SHARE ? 'today' : 'sometime',
        title: `${Math.round(share * 100)} % of swap is used: ${sizeText(usedBytes)}.`,
        reason: `Work waits for memory in ${stall.toFixed(1)} % of the time. ${countText(idle.length, 'idle process', 'idle processes')} of agents ${idle.length === 1 ? 'is' : 'are'} swapped out; RSS does not show it.`,
        subject: HOST,
        evidence: idle
          .slice(0, 6)
          .map(({ id, swapBytes }) => ({ kind: 'swapped-out', detail: `${id}: ${sizeText(swapBytes ?? 0)} in swap` })),
        confidence: host.pressure === null ? 0.6 : 0.8,
        processes: idle.map(({ id }) => id),
        actions: [
          manual(
            'restart',
            {
              description: 'End the idle sessions that are swapped out; they resume when they are needed.',
              effect,
              time: '5 min',
            },
            { call: 'list_processes(verdict="idle")', command: 'rampart top' },
          ),
        ],
      },
    ];
  },
});
