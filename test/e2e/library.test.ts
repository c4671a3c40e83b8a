import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const HOST = fileURLToPath(new URL('../support/library/host.cjs', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'rampart-library-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it.each(['import', 'require'])(
  'the library watches the program that it runs in, by %s, and lets it end',
  async (way) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: dir,
      RAMPART_STATE_DIR: join(dir, 'state'),
      RAMPART_RUNTIME_DIR: join(dir, 'run'),
    };
    // That it exits by itself is part of the test: nothing of ours keeps it alive.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [HOST, way], { env, timeout: 60_000 });
    expect(
      stderr.replace(
        /.*ExperimentalWarning.*\n|Support for loading ES Module.*\n|\(Use `node --trace-warnings.*\n/g,
        '',
      ),
    ).toBe('');
    const got = JSON.parse(stdout) as Record<string, unknown>;
    expect(got).toMatchObject({
      refused: 'bad-config',
      alert: 'system-memory',
      automated: ['force_gc', 'automation'],
      cleared: ['helped', expect.any(Number), 0],
      learned: expect.arrayContaining(['force_gc', 'clear_caches']),
    });
    // The cache held 100 MiB.
    expect((got['cleared'] as number[])[1]).toBeGreaterThan(80 * 1024 * 1024);
    expect(got['alerts']).toBeGreaterThan(0);
    expect(got['heapUsedBytes']).toBeGreaterThan(1_000_000);
    expect(got['history']).toBeGreaterThan(5);
    expect(got['csv']).toBeGreaterThan(5);
  },
  90_000,
);
