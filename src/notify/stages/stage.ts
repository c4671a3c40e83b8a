import type { AlertBook, Notification, StopReason } from '../../model/index.ts';

/** One notification on its way to one channel. */
export interface Waiting {
  readonly notification: Notification;
  readonly acceptedAtMs: number;
  /** Attempts that failed. */
  attempts: number;
  /** Not before. */
  dueAtMs: number;
}

/** What a stage may look at: the time, the alerts as they are now, and what else waits for the channel. */
export interface Moment {
  readonly nowMs: number;
  readonly book: AlertBook;
  readonly waiting: readonly Waiting[];
}

/** Goes on (perhaps with fewer alerts), stops for good, or is looked at again later. */
export type Judgement = { readonly go: Notification } | { readonly stop: StopReason } | { readonly waitMs: number };

export interface Stage {
  judge(item: Waiting, notification: Notification, moment: Moment): Judgement;
}

/** The stages one after the other; the first that does not let it go on decides. */
export function composed(stages: readonly Stage[]): Stage {
  return {
    judge(item, notification, moment) {
      let current = notification;
      for (const stage of stages) {
        const judgement = stage.judge(item, current, moment);
        if (!('go' in judgement)) return judgement;
        current = judgement.go;
      }
      return { go: current };
    },
  };
}
