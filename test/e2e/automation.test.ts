import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import type { AuditPage, LearnedReport } from '../../src/model/index.ts';

const SCRIPT = fileURLToPath(new URL('../support/library/automation.sh', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'rampart-automation-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Nothing outside may be ended: the service must see only what the test started. */
const NAMESPACE = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const canSeal = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0;

it.runIf(canSeal)(
  'ends an orphan by itself, within its count, with an audit line, and learns from it',
  async () => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: dir,
      RAMPART_STATE_DIR: join(dir, 'state'),
      RAMPART_RUNTIME_DIR: join(dir, 'run'),
      RAMPART_HTTP__ENABLED: 'false',
      RAMPART_AUTO_OPTIMIZATION__ENABLED: 'true',
      RAMPART_AUTO_OPTIMIZATION__AGGRESSIVENESS: 'aggressive',
    };
    const { stdout } = await promisify(execFile)('unshare', [...NAMESPACE, 'sh', SCRIPT], { env, timeout: 90_000 });
    const [learned, audit, counted] = stdout.split('\n---\n').map((text) => JSON.parse(text) as unknown);
    expect((learned as LearnedReport).effects).toMatchObject([
      { action: 'reap', finding: 'orphan', outcomes: 1, results: { helped: 1 } },
    ]);
    expect((learned as LearnedReport).automations).toEqual({ lastHour: 1, limit: 5, enabled: true });
    const entries = (audit as AuditPage).entries.filter(({ event }) => event === 'signal');
    expect(entries).toMatchObject([
      { action: 'reap', origin: 'automation', detail: expect.stringContaining('SIGTERM') },
    ]);
    expect((counted as { begunMs: number[] }).begunMs).toHaveLength(1);
  },
  120_000,
);
