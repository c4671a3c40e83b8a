import { expect, it } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';

const NAMES = ['sampleInterval', 'historySize', 'http.port', 'http.enabled', 'start', 'status', '--json'];

it.each([
  ['sampleinterval', 'sampleInterval'],
  ['smapleInterval', 'sampleInterval'],
  ['http.prt', 'http.port'],
  ['http.enabeld', 'http.enabled'],
  ['historySizes', 'historySize'],
  ['stauts', 'status'],
  ['--jsno', '--json'],
  ['entirelyDifferent', null],
  ['', null],
])('%s → %s', (word, expected) => expect(nearest(word, NAMES)).toBe(expected));
