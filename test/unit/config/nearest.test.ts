import { expect, it } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';

const NAMES = ['sampleInterval', 'historySize', 'http.port', 'http.host'];

it.each([
  ['sampleinterval', 'sampleInterval'],
  ['smapleInterval', 'sampleInterval'],
  ['http.prt', 'http.port'],
  ['http.hots', 'http.host'],
  ['historySizes', 'historySize'],
  ['entirelyDifferent', null],
  ['', null],
])('%s → %s', (word, expected) => expect(nearest(word, NAMES)).toBe(expected));
