// Turns a terminal's output into an SVG picture: `FORCE_COLOR=1 COLUMNS=110 rampart demo | node scripts/picture.mjs TITLE > x.svg`.
// Pids, ids and times are what was really seen; nothing is drawn that the program did not print.
import { readFileSync } from 'node:fs';

const COLOURS = {
  30: '#484f58',
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
  37: '#c9d1d9',
  90: '#8b949e',
};
const CELL = { width: 8.43, height: 19 };
const escape = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

/** One line as runs of text with a style. */
function runs(line) {
  const out = [];
  let style = { fill: '#e6edf3', bold: false, dim: false };
  // eslint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    // eslint-disable-next-line no-control-regex
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part);
    if (codes === null) {
      if (part !== '') out.push({ text: part, ...style });
      continue;
    }
    for (const code of codes[1].split(';').map(Number)) {
      if (code === 0) style = { fill: '#e6edf3', bold: false, dim: false };
      else if (code === 1) style = { ...style, bold: true };
      else if (code === 2) style = { ...style, dim: true };
      else if (code === 22) style = { ...style, bold: false, dim: false };
      else if (code === 39) style = { ...style, fill: '#e6edf3' };
      else if (COLOURS[code]) style = { ...style, fill: COLOURS[code] };
    }
  }
  return out;
}

const lines = readFileSync(0, 'utf8').replace(/\r/g, '').trimEnd().split('\n');
// eslint-disable-next-line no-control-regex
const columns = Math.max(...lines.map((line) => line.replace(/\u001b\[[0-9;]*m/g, '').length));
const width = Math.ceil(columns * CELL.width + 40);
const height = lines.length * CELL.height + 70;
const rows = lines.map((line, row) => {
  let column = 0;
  const spans = runs(line).map(({ text, fill, bold, dim }) => {
    const x = 20 + column * CELL.width;
    column += text.length;
    const weight = bold ? ' font-weight="bold"' : '';
    return `<tspan x="${x.toFixed(1)}" textLength="${(text.length * CELL.width).toFixed(1)}" fill="${fill}"${weight}${dim ? ' opacity="0.65"' : ''}>${escape(text)}</tspan>`;
  });
  return `<text y="${62 + row * CELL.height}" xml:space="preserve">${spans.join('')}</text>`;
});
process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/>
<text x="${width / 2}" y="25" fill="#8b949e" text-anchor="middle">${escape(process.argv[2] ?? '')}</text>
${rows.join('\n')}
</svg>
`);
