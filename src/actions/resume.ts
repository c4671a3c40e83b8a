import { defineAction, done, each, notDone, refusalOf, refuse } from './define.ts';

export const resume = defineAction({
  name: 'resume',
  does: 'Lets a stopped process go on (SIGCONT).',
  needs: 'a stopped process',
  risk: 'low',
  reversible: false,
  aim: 'control',
  ends: false,
  available: async (target, { host }) =>
    host.identity(target.pid)?.isStopped === true
      ? null
      : refuse('nothing-to-do', 'It is not stopped.', 'Nothing is left to do.'),
  plan: () => ['Check its identity again.', 'Send SIGCONT.'],
  run: (selected, doing) =>
    each(selected, doing, (target) => {
      const touch = doing.signal(target, 'SIGCONT', 'resume');
      return touch === 'sent' ? done(target, 'Goes on.') : notDone(target, refusalOf(touch, target));
    }),
});
