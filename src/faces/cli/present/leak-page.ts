import { redactArguments } from '../../../untrusted/index.ts';
import type { WatchReport } from '../../../service/gate/command.ts';
import type { WatchTrend } from '../../../service/gate/verdict.ts';
import { html, type Html } from './html.ts';
import { svgCurve } from './svg-curve.ts';
import { bytes, change, count, duration } from './units.ts';

/**
 * The run as one page that needs nothing else: no script, no font, no picture from anywhere. The policy in its head holds
 * even a browser to that.
 */
export function leakPage(report: WatchReport, command: readonly string[], version: string): string {
  const { verdict, decisive } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${WORDS[verdict]}: ${redactArguments(command).join(' ')}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <header>
          <h1>
            <span class="verdict ${verdict}">${WORDS[verdict]}</span
            >${report.kind === null ? null : html` <span class="kind">${report.kind}</span>`}
          </h1>
          <p class="reason">${report.reason}</p>
          <pre>${redactArguments(command).join(' ')}</pre>
          ${facts(report)}
        </header>
        <main>
          ${decisive === null ? null : decisiveSection(report, decisive)}
          <section>
            <h2>Every figure that was looked at</h2>
            ${table(report)}
            <p class="dim">
              Rise: the median slope over the window after warm-up. Order: Mann–Kendall's z, from 3.1 on no chance.
              Slowest third: its pace as a share of the whole; a leak keeps most of it, a cache that is full none.
            </p>
          </section>
          <section>
            <h2>Memory of the whole process tree</h2>
            ${svgCurve(report.memory.points, { title: 'Memory of the whole tree', width: 860, height: 220, endMs: report.durationMs, show: bytes })}
            <p class="dim">PSS + swap where they can be read, else RSS; the lowest of each step of time.</p>
          </section>
          ${isolates(report)}
        </main>
        <footer>
          A leak is what grows in each third of the run. What fills up for longer than the run looks the same; what
          grows by less than the least size of its figure is not called. Made by rampart ${version}.
        </footer>
      </body>
    </html> `;
  return page.html;
}

const WORDS: Readonly<Record<WatchReport['verdict'], string>> = {
  leaking: 'Leaking',
  suspected: 'Suspected',
  clear: 'Clear',
  'insufficient-data': 'Not enough data',
};

function facts(report: WatchReport): Html {
  const { ratePerHourBytes: rate, rateInterval, isolates: heaps, exitCode, signal } = report;
  const second = (perHour: number): string => `${change(perHour / 3600)}/s`;
  const rows: (readonly [string, string])[] = [
    ['started', new Date(report.startedAtMs).toISOString()],
    ['watched', `${duration(report.durationMs)}, ${count(report.looks, 'look')}`],
    ['ended', signal === null ? `with status ${exitCode ?? '–'}` : `by ${signal}`],
    ['score', `${report.score.toFixed(2)} (leaking from 0.50)`],
    ...(rate === null
      ? []
      : [
          [
            'rate',
            `${second(rate)}${rateInterval === null ? '' : ` (${Math.round(100 * rateInterval.confidence)} % interval ${second(rateInterval.lowBytesPerHour)} to ${second(rateInterval.highBytesPerHour)})`}`,
          ] as const,
        ]),
    [
      'collections',
      heaps.length === 0
        ? 'no Node process told of its collections'
        : `${heaps.reduce((sum, one) => sum + one.collections, 0)} in ${count(heaps.length, 'V8 heap')}, ${duration(heaps.reduce((sum, one) => sum + one.pauseMs, 0))} together`,
    ],
  ];
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function decisiveSection(report: WatchReport, decisive: WatchTrend): Html {
  const { trend, series } = decisive;
  const curve = svgCurve(series.points, {
    title: `${decisive.of} over the run`,
    width: 860,
    height: 300,
    endMs: report.durationMs,
    show: shower(decisive),
    warmUpMs: trend.fromMs,
    fit:
      trend.verdict === 'unknown'
        ? null
        : { fromMs: trend.fromMs, toMs: trend.toMs, perMs: trend.ratePerHour / 3_600_000 },
  });
  return html`<section>
    <h2>What decided: ${decisive.of}</h2>
    ${curve}
    <p class="dim">Grey: warm-up, not looked at. Dashed: the median slope.</p>
  </section>`;
}

function table(report: WatchReport): Html {
  const rows = report.trends.map((one) => {
    const { trend, series } = one;
    const show = shower(one);
    const known = trend.verdict !== 'unknown';
    const sign = (text: string): string => (known ? text : '–');
    return html`<tr class="${trend.verdict}">
      <th scope="row">${one.of}</th>
      <td>
        ${svgCurve(series.points, { title: one.of, width: 140, height: 34, endMs: report.durationMs, show, small: true })}
      </td>
      <td>${known ? `${show(trend.first)} → ${show(trend.last)}` : '–'}</td>
      <td>${sign(`${trend.rise > 0 ? '+' : ''}${show(trend.rise)}`)}</td>
      <td>${sign(trend.z.toFixed(1))}</td>
      <td>${sign(`${Math.round(100 * trend.weakest)} %`)}</td>
      <td>${trend.points}</td>
      <td><span class="tag">${NAMES[trend.verdict]}</span></td>
    </tr>`;
  });
  return html`<table>
    <thead>
      <tr>
        <th>figure</th>
        <th></th>
        <th>first → last quarter</th>
        <th>rise</th>
        <th>order</th>
        <th>slowest third</th>
        <th>points</th>
        <th></th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

const NAMES: Readonly<Record<WatchTrend['trend']['verdict'], string>> = {
  steady: 'grows throughout',
  unclear: 'perhaps grows',
  flat: 'no leak',
  unknown: 'too few points',
};

function isolates(report: WatchReport): Html | null {
  if (report.isolates.length === 0) return null;
  const rows = report.isolates.map(
    ({ pid, threadId, collections, pauseMs, forced, natural }) =>
      html`<tr>
        <th scope="row">${pid}</th>
        <td>${threadId === 0 ? 'main' : `worker ${threadId}`}</td>
        <td>${collections}</td>
        <td>${forced.live.points.length}</td>
        <td>${natural.live.points.length}</td>
        <td>${duration(pauseMs)}</td>
      </tr>`,
  );
  return html`<section>
    <h2>V8 heaps</h2>
    <table>
      <thead>
        <tr>
          <th>process</th>
          <th>thread</th>
          <th>major collections</th>
          <th>exact floors</th>
          <th>others</th>
          <th>pauses</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`;
}

function shower({ unit }: WatchTrend): (value: number) => string {
  return unit === 'bytes' ? bytes : (value) => value.toFixed(0);
}

const STYLE: Html = {
  html: `:root{color-scheme:light dark;--ink:#1b1f24;--dim:#68707c;--line:#d9dde3;--paper:#fff;--panel:#f6f7f9;--curve:#1f6feb;--fit:#c2410c;--bad:#b42318;--warn:#9a6700;--good:#1a7f37}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--dim:#98a1ae;--line:#333a44;--paper:#14171b;--panel:#1c2026;--curve:#6cb0ff;--fit:#ff9d66;--bad:#ff7b72;--warn:#e3b341;--good:#56d364}}
*{box-sizing:border-box}body{margin:0 auto;padding:2rem 1.25rem;max-width:920px;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{margin:0 0 .5rem;font-size:1.7rem}h2{margin:2.2rem 0 .6rem;font-size:1.1rem}
.verdict.leaking{color:var(--bad)}.verdict.suspected{color:var(--warn)}.verdict.clear{color:var(--good)}.verdict.insufficient-data{color:var(--dim)}
.kind{font-weight:400;color:var(--dim)}.reason{font-size:1.05rem;margin:.2rem 0 .8rem}.dim,footer{color:var(--dim);font-size:.85rem}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.45 ui-monospace,monospace}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:0}dt{color:var(--dim)}dd{margin:0}
svg{max-width:100%;height:auto;display:block}svg text{font:11px ui-monospace,monospace;fill:var(--dim)}
.grid{stroke:var(--line);stroke-width:1}.warm{fill:var(--line);opacity:.45}.curve{fill:none;stroke:var(--curve);stroke-width:1.6;stroke-linejoin:round}.dot{fill:var(--curve)}.fit{fill:none;stroke:var(--fit);stroke-width:1.4;stroke-dasharray:6 4}
table{border-collapse:collapse;width:100%;font-size:.85rem;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:middle}thead th{color:var(--dim);font-weight:500}tbody th{font-weight:500}
tr.steady .tag{color:var(--bad);font-weight:600}tr.unclear .tag{color:var(--warn)}tr.flat .tag{color:var(--good)}tr.unknown{color:var(--dim)}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.8rem}`,
};
