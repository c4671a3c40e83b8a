import { describe, expect, it } from 'vitest';
import { html } from '../../../src/faces/cli/present/html.ts';
import { leakPage } from '../../../src/faces/cli/present/leak-page.ts';
import { svgCurve } from '../../../src/faces/cli/present/svg-curve.ts';
import type { WatchReport } from '../../../src/service/gate/command.ts';
import { createFloorBook } from '../../../src/service/gate/floors.ts';
import { createRecord } from '../../../src/service/gate/record.ts';
import { judge } from '../../../src/service/gate/verdict.ts';

const HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>&\u202e\u001b[31m';

/** A minute of a leak of 1 MB a second. */
function leaking(): WatchReport {
  const book = createFloorBook();
  const record = createRecord();
  for (let s = 2; s < 60; s += 2) {
    const sizes = {
      heapUsedBytes: (6 + s) * 1e6,
      externalBytes: 1e6,
      arrayBuffersBytes: 0,
      heapTotalBytes: (9 + s) * 1e6,
    };
    const gc = { tool: false, forced: true, pauseMs: 5, heapBeforeBytes: null, rssBytes: (50 + s) * 1e6 };
    book.note({ pid: 7, threadId: 0, tMs: s * 1000, ...sizes, ...gc }, s * 1000);
    const sums = { rssBytes: (50 + s) * 1e6, pssBytes: null, swapBytes: null };
    const none = { rssBytes: 0, pssBytes: null, swapBytes: null };
    record.note(
      { ...sums, rest: none, batch: none, cpuRatio: 0.3, threads: 11, openFiles: 20, processes: 1 },
      s * 1000,
    );
  }
  const { isolates } = book;
  const figures = {
    ...record,
    isolates,
    parts: {},
    files: { points: [] },
    startMs: 0,
    endMs: 60_000,
    endedByItself: true,
  };
  return {
    ...judge(figures),
    startedAtMs: Date.UTC(2026, 0, 1),
    durationMs: 60_000,
    exitCode: 0,
    signal: null,
    looks: record.looks,
    memory: record.memory,
    isolates,
  };
}

describe('html', () => {
  it('escapes text, keeps markup, and takes lists', () => {
    expect(html`<b title="${`"'<&`}">${html`<i>1</i>`}${['a', '<']}${null}${2}</b>`.html).toBe(
      '<b title="&quot;&#39;&lt;&amp;"><i>1</i>a&lt;2</b>',
    );
  });
});

describe('the page of a run', () => {
  const page = leakPage(leaking(), ['node', 'soak.js', HOSTILE, '--token=s3cr3t-value-12345'], '1.2.3');

  it('says the verdict, why, and draws what decided', () => {
    expect(page).toContain('<title>Leaking: node soak.js');
    expect(page).toContain('live set of process 7');
    expect(page).toContain('+977 KiB/s');
    expect(page.match(/<svg\b/g)!.length).toBeGreaterThan(5);
    expect(page).toContain('class="fit"');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('needs nothing from anywhere and runs nothing', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|<iframe|<object|\burl\(|@import|https?:\/\/|<[^>]*\s(?:src|href|on\w+)=/i);
  });

  it('shows hostile words as words, and no secret', () => {
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;&lt;img');
    expect(page).not.toContain('s3cr3t-value-12345');
    expect(page).not.toContain('\u202e');
    expect(page).not.toContain('\u001b');
    expect(
      page.match(
        /<(?!\/?(?:!doctype|html|head|meta|title|style|body|header|h1|h2|span|p|pre|dl|dt|dd|main|section|svg|rect|line|text|polyline|circle|table|thead|tbody|tr|th|td|footer)\b)/gi,
      ),
    ).toBeNull();
  });
});

describe('a curve', () => {
  const options = { title: 't', width: 300, height: 100, endMs: 1000, show: String };
  it.each([
    ['none', []],
    ['one', [{ tMs: 0, value: 5 }]],
    [
      'flat',
      [
        { tMs: 0, value: 5 },
        { tMs: 1000, value: 5 },
      ],
    ],
  ])('of %s points holds no impossible figure', (_, points) => {
    expect(svgCurve(points, options).html).not.toMatch(/NaN|Infinity/);
  });
});
