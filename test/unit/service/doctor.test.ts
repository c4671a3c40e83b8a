import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { paths } from '../../../src/config/index.ts';
import { surroundings } from '../../../src/service/answers/doctor.ts';

const SAMPLES = join(import.meta.dirname, '../../fixtures/claude-flow');
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rampart-doctor-'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

async function claudeFlow() {
  const places = paths({ RAMPART_STATE_DIR: project, RAMPART_RUNTIME_DIR: join(project, 'run') });
  const checks = await surroundings({
    places,
    claudeConfigDir: null,
    projects: [project],
    killers: async () => [],
    history: null,
  });
  return checks.filter(({ name }) => name === 'claude-flow');
}

test('tells which of Claude-Flow’s figures can be read, and which file is torn', async () => {
  expect(await claudeFlow()).toEqual([]);
  cpSync(join(SAMPLES, '3.5.80/.claude-flow/metrics'), join(project, '.claude-flow/metrics'), { recursive: true });
  const [whole] = await claudeFlow();
  expect(whole?.works).toBe(true);
  expect(whole?.detail).toContain('performance.json');
  writeFileSync(join(project, '.claude-flow/metrics/system-metrics.json'), '');
  const [torn] = await claudeFlow();
  expect(torn).toMatchObject({ works: false, detail: expect.stringMatching(/system-metrics\.json empty/) as string });
});
