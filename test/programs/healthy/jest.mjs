// A test runner over a few hundred files in its own process, each in a context of its own.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'jest' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-jest-'));
    for (let i = 0; i < Number(seconds) * 1.6; i += 1) {
      writeFileSync(
        join(folder, `t${i}.test.js`),
        `describe('part ${i}', () => {
          test.each([...Array(6).keys()])('works in case %i', async (k) => {
            const rows = Array.from({ length: 1000 }, (_, id) => ({ id, text: 'row ' + id + k }));
            await new Promise((done) => setTimeout(done, 40));
            expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
          });
        });`,
      );
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ jest: { testEnvironment: 'node', transform: {} } }));
    return [
      'node',
      resolve(import.meta.dirname, '../node_modules/jest/bin/jest.js'),
      '--runInBand',
      '--watchman=false',
      '--rootDir',
      folder,
    ];
  },
};
