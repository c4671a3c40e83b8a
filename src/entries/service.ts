/**
 * The service as a program of its own, as clients start it: `service.js --background`. Its output goes to the log file.
 * Ends with 0 when another service holds the lock, and with 1 when it cannot start; its last line says why.
 */
import { RampartError } from '../model/index.ts';

async function main(): Promise<void> {
  const { loadConfig, paths } = await import('../config/index.ts');
  // The directory that we were started in may be a stranger's repository: its settings must not rule the user's service.
  const { config } = loadConfig({ projectFile: false });
  const { runService } = await import('./run-service.ts');
  const service = await runService({ mode: 'background', config, places: paths(process.env) });
  await service?.ended;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const { message } = error as Error;
    process.stderr.write(`${error instanceof RampartError ? `${message}: ${error.hint}` : message}\n`);
    process.exit(1);
  },
);
