import { createLeakDetector } from '../../src/detectors/index.ts';
import { createRandom } from './families/random.ts';
import { wander } from './families/shapes.ts';

/** Stationary noise: nothing grows, for weeks. False alarms per process-day there are the test's own. */
export function stationaryAlarms(
  processes: number,
  days: number,
  stepS: number,
  firstSeed: number,
): {
  alarms: number;
  suspicions: number;
  processDays: number;
} {
  let alarms = 0;
  let suspicions = 0;
  for (let i = 0; i < processes; i++) {
    const random = createRandom(Math.imul(firstSeed + i, 2654435761) >>> 0);
    const base = random.logBetween(40, 900);
    const noise = wander(random, random.logBetween(30, 3600), base * random.between(0.005, 0.06));
    const white = base * random.between(0.001, 0.01);
    const period = random.logBetween(60, 1500);
    const saw = random.logBetween(2, 80);
    const detector = createLeakDetector();
    let last = 'clear';
    for (let t = 0; t < days * 86400; t += stepS) {
      const mb = Math.max(5, base + noise(stepS) + white * random.normal() + (saw * (t % period)) / period);
      detector.push({ tMs: t * 1000, rssBytes: mb * 1048576 });
      const state = detector.state();
      if (state === 'leaking' && last !== 'leaking') alarms++;
      if (state === 'suspected' && last !== 'suspected' && last !== 'leaking') suspicions++;
      last = state;
    }
  }
  return { alarms, suspicions, processDays: processes * days };
}
