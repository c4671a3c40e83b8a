import { createLeakDetector } from '../../src/detectors/index.ts';
import { confirmation, weigh, withFloor, type HeapFloor } from '../../src/service/leaks/confirm.ts';
import type { Contestant, Watcher } from './watchers.ts';

const MB = 1048576;
/** As `actionTriggers.confirmSuspects` does by default: two an hour, ten minutes apart. */
const MOST_IN_AN_HOUR = 2;
const SPACING_S = 600;
/** Verdicts change when a block closes. */
const REVIEW_S = 300;

/**
 * Suspects are asked for full collections, which leave what the family holds alive: caches and contexts as well as leaks.
 * Families know neither slack of V8 nor native memory, so that there is next to nothing to clear: the worst case.
 */
export const RAMPART_CONFIRMED: Contestant = {
  name: 'rampart, confirmed',
  start: ({ aliveMb }): Watcher => {
    const detector = createLeakDetector();
    let floors: readonly HeapFloor[] = [];
    let asked: number[] = [];
    let index = -1;
    let reviewed = Number.NEGATIVE_INFINITY;
    let leaking = false;

    const review = (tS: number): void => {
      const finding = detector.verdict();
      const isSuspect = finding.verdict === 'suspected' || finding.verdict === 'leaking';
      const { nextAtMs } = confirmation(floors, finding);
      asked = asked.filter((atS) => atS > tS - 3600);
      const isFree = asked.length < MOST_IN_AN_HOUR && asked.every((atS) => tS - atS >= SPACING_S);
      if (isSuspect && isFree && nextAtMs !== null && nextAtMs <= tS * 1000) {
        asked.push(tS);
        const left = { heapUsedAfterBytes: aliveMb![index]! * MB, heapUsedBeforeBytes: null };
        floors = withFloor(floors, { ...left, atMs: tS * 1000, externalBytes: 0, nativeBytes: null });
      }
      leaking = weigh(finding, confirmation(floors, finding)).verdict === 'leaking';
    };

    return {
      push: ({ tS, rssBytes, swapBytes, load }) => {
        index++;
        detector.push({ tMs: tS * 1000, rssBytes, swapBytes, cpuRatio: load });
        if (aliveMb === null) leaking = detector.state() === 'leaking';
        else if (tS - reviewed >= REVIEW_S) {
          reviewed = tS;
          review(tS);
        }
      },
      alarming: () => leaking,
    };
  },
};
