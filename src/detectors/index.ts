import { countGrowth } from './count-growth.ts';
import { fastLane } from './fast-lane.ts';
import { gcFloor } from './gc-floor.ts';
import { records } from './records.ts';
import { staircase } from './staircase.ts';
import { sustainedGrowth } from './sustained-growth.ts';

export { atBaseRate, calibrate } from './score/calibration.ts';
export type { Profile } from './define.ts';
export { createLeakDetector, type LeakDetector, type LeakDetectorOptions } from './detector.ts';
export { createFleet, type FleetVerdict, type RoleExperience } from './fleet.ts';
export { CLEARED_LOG_ODDS, CONFIRMED_LOG_ODDS } from './gc-floor.ts';
export { LEAKING_LOG_ODDS, SUSPECTED_LOG_ODDS } from './sustained-growth.ts';

/** Every detector, in the order findings list them. */
export const DETECTORS = [sustainedGrowth, staircase, gcFloor, fastLane, countGrowth, records] as const;
