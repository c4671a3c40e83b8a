import type { OperatingPoint } from './curve.ts';
import type { CalibrationBin, Figures } from './measure.ts';

export interface LeakReportData {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly goals: readonly {
    readonly name: string;
    readonly value: number;
    readonly wanted: string;
    readonly holds: boolean;
  }[];
  /** One table a set of families. */
  readonly tables: readonly { readonly title: string; readonly rows: readonly (readonly [string, Figures])[] }[];
  readonly curves: readonly { readonly title: string; readonly points: readonly OperatingPoint[] }[];
  readonly bins: readonly CalibrationBin[];
  readonly calibrationError: number;
  readonly families: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

const COLOURS = ['#1f6feb', '#d1242f', '#1a7f37', '#8250df'];
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** One file without scripts or links: the tables, the reliability plot, and delay against false alarms. */
export function htmlReport(data: LeakReportData): string {
  const cell = (value: number, digits: number): string =>
    `<td>${Number.isNaN(value) ? '' : value.toFixed(digits)}</td>`;
  const table = ({ title, rows }: LeakReportData['tables'][number]): string =>
    `<h2>${escape(title)}</h2><table><tr><th>detector</th><th>P</th><th>R</th><th>F1</th><th>median delay, h</th><th>false alarms / process-day</th><th>µs / sample</th></tr>${rows
      .map(
        ([name, f]) =>
          `<tr><th>${escape(name)}</th>${cell(f.precision, 3)}${cell(f.recall, 3)}${cell(f.f1, 3)}${cell(f.medianDelayH, 2)}${cell(f.falseAlarmsPerDay, 4)}${cell(f.microsecondsPerSample, 2)}</tr>`,
      )
      .join('')}</table>`;
  const goals = data.goals
    .map(
      (g) =>
        `<tr><th>${escape(g.name)}</th><td>${g.value.toPrecision(3)}</td><td>${escape(g.wanted)}</td><td>${g.holds ? 'reached' : '<b>missed</b>'}</td></tr>`,
    )
    .join('');
  const families = data.families
    .map(({ title, lines }) => `<h2>${escape(title)}</h2><pre>${escape(lines.join('\n'))}</pre>`)
    .join('');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Leak detection, measured</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}
table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.15rem .7rem;border-bottom:1px solid #d0d7de;text-align:right}
th:first-child{text-align:left;font-weight:500}svg{max-width:100%;height:auto}pre{font-size:13px}</style>
<h1>Leak detection, measured</h1>
<p>${data.seeds} seeds from ${data.firstSeed} a family, traces of 48 hours.</p>
<h2>Goals</h2><table><tr><th>goal</th><th>reached</th><th>wanted</th><th></th></tr>${goals}</table>
<h2>Delay against false alarms</h2>
<p>The same traces under other alarm thresholds; the filled dot is the product's.</p>${delayPlot(data.curves)}
<h2>Reliability of the score</h2>
<p>Expected calibration error ${data.calibrationError.toFixed(3)}; dots on the diagonal are right. Area: number of scores.</p>${reliabilityPlot(data.bins)}
${data.tables.map(table).join('')}${families}</html>
`;
}

const W = 560;
const H = 340;
const PAD = 48;

function axes(
  xLabel: string,
  yLabel: string,
  xTicks: readonly [number, string][],
  yTicks: readonly [number, string][],
): string {
  const lines = [
    ...xTicks.map(
      ([x, text]) =>
        `<line x1="${x}" y1="${PAD / 2}" x2="${x}" y2="${H - PAD}" stroke="#eaeef2"/><text x="${x}" y="${H - PAD + 16}" text-anchor="middle">${text}</text>`,
    ),
    ...yTicks.map(
      ([y, text]) =>
        `<line x1="${PAD}" y1="${y}" x2="${W - PAD / 2}" y2="${y}" stroke="#eaeef2"/><text x="${PAD - 6}" y="${y + 4}" text-anchor="end">${text}</text>`,
    ),
  ];
  return `${lines.join('')}<text x="${W / 2}" y="${H - 8}" text-anchor="middle">${xLabel}</text><text x="12" y="${H / 2}" text-anchor="middle" transform="rotate(-90 12 ${H / 2})">${yLabel}</text>`;
}

const svg = (inside: string): string =>
  `<svg viewBox="0 0 ${W} ${H}" width="${W}" height="${H}" role="img" font-family="system-ui" font-size="12" fill="#1f2328">${inside}</svg>`;

function delayPlot(curves: LeakReportData['curves']): string {
  // Logarithmic from 1 in 2000 days to one a day; fewer is drawn at the left edge.
  const x = (perDay: number): number =>
    PAD + ((Math.log10(Math.max(perDay, 5e-4)) - Math.log10(5e-4)) / -Math.log10(5e-4)) * (W - 1.5 * PAD);
  const y = (hours: number): number => H - PAD - (Math.min(hours, 16) / 16) * (H - 1.5 * PAD);
  const marks = [0.001, 0.01, 0.1, 1].map((v): [number, string] => [x(v), `${v}`]);
  const hours = [0, 4, 8, 12, 16].map((v): [number, string] => [y(v), `${v}`]);
  const goal = `<rect x="${PAD}" y="${y(4)}" width="${x(0.01) - PAD}" height="${y(0) - y(4)}" fill="#1a7f37" opacity=".12"/><text x="${PAD + 6}" y="${y(0) - 6}">goal</text>`;
  const drawn = curves.map(({ title, points }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    const seen = points.filter((p) => !Number.isNaN(p.figures.medianDelayH));
    const path = seen.map(
      (p) => `${x(p.figures.falseAlarmsPerDay).toFixed(1)},${y(p.figures.medianDelayH).toFixed(1)}`,
    );
    const dots = seen.map((p, k) => {
      const [cx, cy] = path[k]!.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="4" stroke="${colour}" fill="${p.isProduct ? colour : '#fff'}"/>`;
    });
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}"/>${dots.join('')}<text x="${W - PAD / 2 - 4}" y="${PAD / 2 + 14 + 16 * i}" text-anchor="end" fill="${colour}">${escape(title)}</text>`;
  });
  return svg(axes('false alarms a process-day', 'median delay, h', marks, hours) + goal + drawn.join(''));
}

function reliabilityPlot(bins: readonly CalibrationBin[]): string {
  const x = (v: number): number => PAD + v * (W - 1.5 * PAD);
  const y = (v: number): number => H - PAD - v * (H - 1.5 * PAD);
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const all = bins.reduce((sum, b) => sum + b.count, 0);
  const dots = bins.map(
    (b) =>
      `<circle cx="${x(b.meanScore).toFixed(1)}" cy="${y(b.leaking).toFixed(1)}" r="${(3 + 14 * Math.sqrt(b.count / Math.max(1, all))).toFixed(1)}" fill="${COLOURS[0]}" opacity=".6"/>`,
  );
  return svg(
    axes(
      'mean score',
      'share leaking',
      ticks.map((v) => [x(v), `${v}`]),
      ticks.map((v) => [y(v), `${v}`]),
    ) +
      `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#6e7781" stroke-dasharray="4 4"/>${dots.join('')}`,
  );
}
