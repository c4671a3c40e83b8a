import type { ActionParameters } from '../model/index.ts';
import { defineAction, done, each, notDone, refusalOf, refuse } from './define.ts';

/** proc_pid_oom_score_adj(5): from −1000 (never) to 1000 (first of all). */
const MOST = 1_000;
/** 500 outweighs half of the memory that the machine allows: it goes before whatever uses less than half. */
const USUAL = 500;

const wanted = ({ oomScoreAdj }: ActionParameters): number => Math.min(MOST, oomScoreAdj ?? USUAL);

/** Only raised: lowering below what it began with needs a privilege, and would put others in its place. */
export const deprioritise = defineAction({
  name: 'deprioritise',
  does: 'Makes the kernel choose this process first when memory runs out (raises its oom_score_adj).',
  needs: 'Linux, and a present value below the wanted one',
  risk: 'low',
  reversible: true,
  aim: 'control',
  ends: false,
  available: async (target, { host, parameters }) => {
    if (host.platform !== 'linux') {
      return refuse('unavailable', 'Only Linux has a score of who is killed first.', 'Use suspend or reap.');
    }
    const now = host.oomScoreAdj(target);
    if (now === null) return refuse('unavailable', 'Its score may not be read.', 'See `rampart doctor`.');
    if (wanted(parameters) > now) return null;
    return refuse('nothing-to-do', `Its score is ${now} already; it is only ever raised.`, 'Name a higher one.');
  },
  plan: (target, { host, parameters }) => [
    'Check its identity again.',
    `Raise oom_score_adj from ${host.oomScoreAdj(target) ?? 'its value'} to ${wanted(parameters)}.`,
    'Read it back.',
  ],
  run: (selected, doing) =>
    each(selected, doing, (target) => {
      const before = doing.host.oomScoreAdj(target);
      const value = wanted(doing.parameters);
      if (before === null) return notDone(target, refusalOf('gone', target));
      doing.step(target.id, `oom_score_adj ${before} → ${value}`);
      const touch = doing.host.writeOomScoreAdj(target, value);
      if (touch !== 'sent') return notDone(target, refusalOf(touch, target));
      doing.restorable({ process: target, what: 'oom_score_adj', place: null, value: String(before) });
      const now = doing.host.oomScoreAdj(target);
      if (now === value) return done(target, `oom_score_adj is ${now}; it was ${before}.`);
      return notDone(target, refuse('unavailable', `It reads back as ${now ?? 'nothing'}.`, 'See `rampart doctor`.'));
    }),
  undo: async ({ process, value }, { host, step }) => {
    step(`${process.pid}:${process.startTime}`, `oom_score_adj → ${value}`);
    const touch = host.writeOomScoreAdj(process, Number(value));
    return touch === 'sent'
      ? done(process, `oom_score_adj is ${value} again.`)
      : notDone(process, refusalOf(touch, process));
  },
});
