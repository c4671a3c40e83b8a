import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * Three of the programs that `npm run test:programs` runs for a minute each: a real leak, its fixed twin, and a server at
 * work. The script installs the packages if they are missing, which needs the registry.
 */
it('finds a real leak, clears its fixed twin and a healthy server', { timeout: 300_000 }, async () => {
  const args = ['scripts/test-programs.mjs', '--seconds', '25', '--jobs', '3', '--only', 'leaks/zod,healthy/fastify'];
  const child = spawn(process.execPath, args, { env: { ...process.env, RAMPART_CLI: resolve('dist/cli.js') } });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const status = await new Promise((done) => child.on('close', done));
  expect(said).toMatch(/leaks\/zod +leaky +leaking .* ok\n/);
  expect(said).toMatch(/leaks\/zod +fixed +clear .* ok\n/);
  expect(said).toMatch(/healthy\/fastify +healthy +clear .* ok\n/);
  expect(said).toContain('3 runs of 25 s: 0 leaks missed or misnamed, 0 false alarms or failures');
  expect(status).toBe(0);
});
