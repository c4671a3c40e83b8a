import { html, type Html } from './html.ts';

interface CurvePoint {
  readonly tMs: number;
  readonly value: number;
}

export interface CurveOptions {
  /** Said to whoever cannot see it. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** End of the time axis, ms; it begins at 0. */
  readonly endMs: number;
  readonly show: (value: number) => string;
  /** Not looked at: drawn grey. */
  readonly warmUpMs?: number;
  /** A line through the points, in units a ms, over the span it was fitted to. */
  readonly fit?: { readonly fromMs: number; readonly toMs: number; readonly perMs: number } | null;
  /** No axes: a curve in a row of a table. */
  readonly small?: boolean;
}

const MARGIN = { left: 74, right: 12, top: 10, bottom: 24 };
const NONE = { left: 2, right: 2, top: 3, bottom: 3 };
const TICKS = 4;

/** A curve as SVG that needs nothing around it. Sizes start at the lowest value, not at zero. */
export function svgCurve(points: readonly CurvePoint[], options: CurveOptions): Html {
  const { title, width, height, endMs, show, fit = null, small = false } = options;
  const margin = small ? NONE : MARGIN;
  const values = points.map(({ value }) => value);
  const [low, high] = span(Math.min(...values), Math.max(...values));
  const x = (tMs: number): number => margin.left + ((width - margin.left - margin.right) * tMs) / Math.max(1, endMs);
  const y = (value: number): number =>
    height - margin.bottom - ((height - margin.top - margin.bottom) * (value - low)) / (high - low);
  const at = (tMs: number, value: number): string => `${x(tMs).toFixed(1)},${y(value).toFixed(1)}`;
  if (points.length === 0) return html`<p class="dim">No figure was seen.</p>`;
  const path = points.map(({ tMs, value }) => at(tMs, value)).join(' ');
  const warm = options.warmUpMs ?? 0;
  return html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${title}"
  >
    <title>${title}</title>
    ${warm > 0 ? html`<rect class="warm" x="${margin.left}" y="${margin.top}" width="${(x(warm) - margin.left).toFixed(1)}" height="${height - margin.top - margin.bottom}" />` : null}
    ${small ? null : axes({ low, high, endMs, x, y, show, width, height })}
    <polyline class="curve" points="${path}" />
    ${small ? null : points.length > 120 ? null : points.map(({ tMs, value }) => html`<circle class="dot" cx="${x(tMs).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2" />`)}
    ${fit === null ? null : html`<polyline class="fit" points="${fitted(points, fit, at)}" />`}
  </svg>`;
}

/** A figure that stands still lies in the middle. */
function span(low: number, high: number): readonly [number, number] {
  return high > low ? [low, high] : [low - 1, high + 1];
}

interface Axes {
  readonly low: number;
  readonly high: number;
  readonly endMs: number;
  readonly x: (tMs: number) => number;
  readonly y: (value: number) => number;
  readonly show: (value: number) => string;
  readonly width: number;
  readonly height: number;
}

function axes({ low, high, endMs, x, y, show, width, height }: Axes): readonly Html[] {
  const steps = Array.from({ length: TICKS + 1 }, (_, step) => step / TICKS);
  return [
    ...steps.map((share) => {
      const value = low + share * (high - low);
      return html`<line
          class="grid"
          x1="${MARGIN.left}"
          x2="${width - MARGIN.right}"
          y1="${y(value).toFixed(1)}"
          y2="${y(value).toFixed(1)}"
        /><text x="${MARGIN.left - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${show(value)}</text>`;
    }),
    ...steps.map(
      (share) =>
        html`<text x="${x(share * endMs).toFixed(1)}" y="${height - 6}" text-anchor="${share === 1 ? 'end' : 'middle'}"
          >${Math.round((share * endMs) / 1000)} s</text
        >`,
    ),
  ];
}

/** The line goes through the middle of its points. */
function fitted(
  points: readonly CurvePoint[],
  { fromMs, toMs, perMs }: NonNullable<CurveOptions['fit']>,
  at: (tMs: number, value: number) => string,
): string {
  const inside = points.filter(({ tMs }) => tMs >= fromMs && tMs <= toMs);
  const offsets = inside.map(({ tMs, value }) => value - perMs * tMs).toSorted((a, b) => a - b);
  const offset = offsets[offsets.length >> 1] ?? 0;
  return `${at(fromMs, offset + perMs * fromMs)} ${at(toMs, offset + perMs * toMs)}`;
}
