import type { RuleTest } from './format.ts';
import { expandSeries, parseSeriesName, type SeriesName, type SeriesValue, wrong } from './notation.ts';

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  host: [
    'memoryTotalBytes',
    'memoryAvailableBytes',
    'swapTotalBytes',
    'swapFreeBytes',
    'pressureFullPercent',
    'pressureSomePercent',
  ],
  looks: ['skipped'],
  process: [
    'footprintBytes',
    'cpuPercent',
    'lifecycle',
    'leakVerdict',
    'leakScore',
    'leakRatePerHourBytes',
    'leakKind',
    'heapUsedBytes',
    'heapTotalBytes',
    'heapLimitBytes',
    'heapIsAfterGc',
    'limitBytes',
    'limitKind',
    'usualBytes',
    'usualSamples',
  ],
  session: ['leakVerdict', 'leakScore', 'leakRatePerHourBytes'],
  file: ['bytes', 'ratePerHourBytes'],
};
const LABELS: Readonly<Record<string, readonly string[]>> = {
  host: [],
  looks: [],
  process: ['id', 'session', 'server', 'role', 'client'],
  session: ['id'],
  file: ['path', 'kind', 'session'],
};

/** One thing that series speak of, with the values of its fields, one a look. */
export interface Subject {
  readonly name: SeriesName;
  readonly fields: Map<string, SeriesValue[]>;
}

/** Throws `RampartError('bad-input')` for a subject, field or label that there is not. */
export function readSubjects(test: RuleTest): readonly Subject[] {
  const subjects = new Map<string, Subject>();
  for (const { series, values } of test.input_series) {
    const name = parseSeriesName(series);
    const fields = FIELDS[name.of];
    if (fields === undefined) throw wrong(`unknown subject (there are ${Object.keys(FIELDS).join(', ')})`, series);
    if (!fields.includes(name.field))
      throw wrong(`unknown field (of ${name.of} there are ${fields.join(', ')})`, series);
    const labels = LABELS[name.of] ?? [];
    const strange = Object.keys(name.labels).find((label) => !labels.includes(label));
    if (strange !== undefined)
      throw wrong(`unknown label ${strange} (of ${name.of} there are ${labels.join(', ')})`, series);
    const key = `${name.of} ${name.labels['id'] ?? name.labels['path'] ?? ''}`;
    let subject = subjects.get(key);
    if (subject === undefined) subjects.set(key, (subject = { name, fields: new Map() }));
    else Object.assign(subject.name.labels, name.labels);
    subject.fields.set(name.field, expandSeries(values));
  }
  return [...subjects.values()];
}
