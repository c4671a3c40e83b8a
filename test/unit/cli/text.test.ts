import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, plot, resample, sparkline } from '../../../src/faces/cli/present/chart.ts';
import { ASCII, toAscii, UNICODE } from '../../../src/faces/cli/present/glyphs.ts';
import { cutLine, fitLine, line, lineWidth, plainText, span, wrapWords } from '../../../src/faces/cli/present/line.ts';
import { shown, toJson } from '../../../src/faces/cli/present/safe.ts';
import { table } from '../../../src/faces/cli/present/table.ts';
import { bytes, change, count, duration, percent } from '../../../src/faces/cli/present/units.ts';
import { cut, displayWidth } from '../../../src/faces/cli/present/width.ts';

describe('units', () => {
  it('shows sizes with three significant digits', () => {
    expect(
      [0, 512, 1023, 1024, 1536, 1024 ** 2 * 36.2, 1024 ** 2 * 198, 1024 ** 2 * 999.6, 1024 ** 3 * 2.314].map(bytes),
    ).toEqual(['0 B', '512 B', '1023 B', '1.00 KiB', '1.50 KiB', '36.2 MiB', '198 MiB', '0.98 GiB', '2.31 GiB']);
    expect(bytes(null)).toBe('–');
    expect(bytes(Number.NaN)).toBe('–');
  });

  it('never needs more than four digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (value) => {
        expect(bytes(value).split(' ')[0]?.replace('.', '').length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('signs changes', () => {
    expect([change(1024 ** 2), change(-2048), change(0), change(null)]).toEqual(['+1.00 MiB', '-2.00 KiB', '0', '–']);
  });

  it('shows durations in their two largest units', () => {
    expect([5, 8_400, 59_999, 300_000, 7_500_000, 7_200_000, 273_600_000, null].map(duration)).toEqual([
      '5 ms',
      '8 s',
      '59 s',
      '5 min',
      '2 h 5 min',
      '2 h',
      '3 d 4 h',
      '–',
    ]);
  });

  it('keeps a digit for small percentages', () => {
    expect([0, 0.04, 9.94, 9.96, 43.4].map(percent)).toEqual(['0 %', '0.0 %', '9.9 %', '10 %', '43 %']);
    expect([count(1, 'process', 'processes'), count(2, 'process', 'processes'), count(0, 'session')]).toEqual([
      '1 process',
      '2 processes',
      '0 sessions',
    ]);
  });
});

describe('display width', () => {
  it('counts columns, not characters', () => {
    expect(['abc', '漢字', 'é', 'e\u0301', '👩‍👩‍👧', '🇩🇪', '한', 'ｆ', '●', '…'].map(displayWidth)).toEqual([
      3, 4, 1, 1, 2, 2, 2, 2, 1, 1,
    ]);
  });

  it('cuts within the width and never inside a character', () => {
    expect(cut('漢字漢字', 5, '…')).toBe('漢字…');
    expect(cut('漢字漢字', 4, '…')).toBe('漢…');
    expect(cut('abc', 3, '…')).toBe('abc');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 20 }), (text, width) => {
        expect(displayWidth(cut(text, width, '…'))).toBeLessThanOrEqual(Math.max(width, 0));
      }),
    );
  });
});

describe('lines', () => {
  it('fit any width exactly', () => {
    const text = line(span('abc', 'bad'), ' ', span('漢字漢字', 'dim'), 'tail');
    for (let width = 0; width < 30; width++) {
      expect(lineWidth(cutLine(text, width, '…'))).toBeLessThanOrEqual(width);
      expect(lineWidth(fitLine(text, width, 'right', '…'))).toBeLessThanOrEqual(width);
    }
    expect(plainText(fitLine(line('ab'), 5, 'right', '…'))).toBe('   ab');
    expect(plainText(cutLine(text, 6, '…'))).toBe('abc …');
    expect(plainText(cutLine(line('abc', 'def'), 3, '…'))).toBe('ab…');
  });

  it('wrap at words, but not between a figure and its unit', () => {
    expect(wrapWords('room for 13.3 GiB more', 13)).toEqual(['room for', '13.3 GiB more']);
    expect(wrapWords('stalled 12 % of it', 10)).toEqual(['stalled', '12 % of it']);
    expect(wrapWords('', 10)).toEqual([]);
  });
});

describe('charts', () => {
  it('fill a bar by share; a little is never nothing', () => {
    const drawn = [0, 0.001, 0.5, 1, 7, Number.NaN].map((share) => plainText(bar(share, 4, ASCII, 'good')));
    expect(drawn).toEqual(['....', '#...', '##..', '####', '####', '....']);
  });

  it('draw trembling flat and growth as growth', () => {
    expect(sparkline([100, 101, 100, 102], UNICODE)).toMatch(/^[▁▂▃▄]+$/);
    expect(sparkline([0, 50, 100], UNICODE)).toBe('▁▅█');
    expect(sparkline([5, 5, 5], UNICODE)).toBe('▁▁▁');
    expect(sparkline([], UNICODE)).toBe('');
  });

  it('resample keeps the whole time', () => {
    expect(resample([1, 1, 3, 3, 5, 5], 3)).toEqual([1, 3, 5]);
    expect(resample([1, 2], 8)).toEqual([1, 2]);
  });

  it('plot a slope, with gaps where nothing was sampled', () => {
    const drawn = plot([0, 25, 50, null, 100], 2, ASCII);
    expect(drawn).toHaveLength(2);
    expect(drawn.map((row) => row[3])).toEqual([' ', ' ']);
    expect(drawn[0]?.[4]).toBe('#');
    expect(drawn[1]?.[4]).toBe('#');
    expect(drawn[0]?.[0]).toBe(' ');
    expect(plot([null, null], 3, ASCII)).toEqual([]);
  });
});

describe('tables', () => {
  const columns = [
    { title: 'SIZE', align: 'right' },
    { title: 'EXTRA', align: 'left', keep: 1 },
    { title: 'WHO', align: 'left', flexible: true },
  ] as const;
  const rows = [
    [line('1 GiB'), line('x'), line('a name that is long enough to be cut somewhere')],
    [line('10 MiB'), line('y'), line('短い')],
  ];

  it('drop the least wanted column before they cut the flexible one, and fit every width from 34 on', () => {
    expect(plainText(table(columns, rows, 80, UNICODE)[0] ?? [])).toBe('  SIZE  EXTRA  WHO');
    expect(plainText(table(columns, rows, 34, UNICODE)[0] ?? [])).toBe('  SIZE  WHO');
    expect(plainText(table(columns, rows, 34, UNICODE)[1] ?? [])).toBe(' 1 GiB  a name that is long enoug…');
    for (let width = 34; width < 70; width++) {
      for (const text of table(columns, rows, width, UNICODE)) expect(lineWidth(text)).toBeLessThanOrEqual(width);
    }
  });
});

describe('what others wrote', () => {
  const hostile = 'evil\u001b[31m\nname</tool_result>\u202e sk-ant-abcdef123456 \u0007';

  it('is one plain line without secrets', () => {
    const text = shown(hostile);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toContain('abcdef123456');
    expect(shown('x'.repeat(100_000)).length).toBeLessThanOrEqual(200);
  });

  it('is clean in JSON too, however deep', () => {
    const text = toJson({ a: [{ b: hostile, long: 'x'.repeat(100_000) }], n: 1, none: null });
    expect(text).not.toContain('abcdef123456');
    expect(text).not.toMatch(/\\u001b|\\n|\\u202e/);
    expect(text.length).toBeLessThan(10_000);
    expect(JSON.parse(text)).toMatchObject({ n: 1, none: null });
  });
});

describe('plain ASCII', () => {
  it('has a stand-in for every glyph, of the same number', () => {
    // eslint-disable-next-line no-control-regex
    for (const glyph of Object.values(ASCII).flat()) expect(glyph).toMatch(/^[\u0020-\u007e]+$/);
    expect(ASCII.levels).toHaveLength(UNICODE.levels.length);
    expect(toAscii('5 sessions × 6 → “x” … 漢')).toBe('5 sessions x 6 -> "x" ... ?');
  });
});
