// A pool of two worker threads that parse and sum up.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
export default {
  packages: { healthy: 'piscina' },
  start({ Piscina }) {
    const filename = join(mkdtempSync(join(tmpdir(), 'rampart-piscina-')), 'worker.cjs');
    writeFileSync(filename, 'module.exports = ({ text }) => JSON.parse(text).reduce((sum, { id }) => sum + id, 0);');
    const pool = new Piscina({ filename, minThreads: 2, maxThreads: 2, recordTiming: false });
    const text = JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id, name: `name ${id}` })));
    return () => Promise.all(Array.from({ length: 4 }, () => pool.run({ text })));
  },
};
