import { expect, test } from 'vitest';
import { leak } from '../../../src/alerts/rules/leak.ts';
import { ConfigSchema } from '../../../src/config/schema.ts';
import { withPrior } from '../../../src/detectors/score/calibration.ts';
import { leaking, MIB, observation, observed } from '../../support/advice/observation.ts';

const { alertThresholds } = ConfigSchema.parse({});
const evaluate = leak.start(alertThresholds);

const ask = (score: number | null, prior: number) => {
  const said = leaking({ score, logOdds: 4, peakScore: score });
  if (said === null) throw new Error('no leak');
  const told = { ...said, score: score === null ? null : withPrior(score, prior) };
  const process = observed({ pid: 7, footprintBytes: 900 * MIB, leak: told });
  return evaluate(observation({ processes: [process] }), { before: () => null, missing: [] }).holds;
};

test.each([0.5, 0.05, 0.01])('a leak as sure as can be is told, however rare leaks are held to be (%d)', (prior) => {
  expect(ask(0.976, prior)).toMatchObject([{ level: 'warning', subject: { kind: 'process', id: '7:70' } }]);
});

test('a score below the configured threshold is not told', () => {
  expect(ask(alertThresholds.leakScore.warning - 0.01, 0.5)).toEqual([]);
  expect(ask(null, 0.5)).toEqual([]);
});
