// A command-line tool run once over a folder of icons.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'svgo' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-svgo-'));
    mkdirSync(join(folder, 'out'));
    for (let i = 0; i < Number(seconds) * 28; i += 1) {
      const paths = Array.from(
        { length: 160 },
        (_, k) =>
          `<g transform="translate(${k}.0000 ${i % 9})"><path style="fill:#${((k * 4099 + i) % 0xff_ff_ff).toString(16).padStart(6, '0')};stroke-width:1px" d="M ${k},${i} L ${k + 10}.12345,${i + 20}.98765 C ${k} ${i} 30.5 40.5 ${k * 2} ${i * 2} Z"/></g>`,
      );
      writeFileSync(
        join(folder, `icon-${i}.svg`),
        `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">${paths.join('')}</svg>`,
      );
    }
    const bin = resolve(import.meta.dirname, '../node_modules/svgo/bin/svgo');
    return ['node', bin, '--multipass', '--folder', folder, '--output', join(folder, 'out')];
  },
};
