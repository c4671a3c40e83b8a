// Writes memory-integration.json of the project in argv as fast as it can, until it is killed.
import { systemClock } from '../../../src/sources/index.ts';
import { createMemoryIntegration } from '../../../src/integrations/memory-integration.ts';
import { sessionReport, statusReport } from './report.ts';

const project = process.argv[2] ?? '';
const sessions = Array.from({ length: 100 }, (_, index) => sessionReport({ sessionId: `s-${index}` }));
for (let count = 0; ; count += 1) {
  // A new writer each time: the five seconds between two writes are not what is tested.
  const file = createMemoryIntegration({ project, version: '0.1.0', clock: systemClock });
  const published = await file.publish(statusReport({ sessions, atMs: 1_795_000_000_000 + count }));
  if (published.outcome !== 'written') throw new Error(JSON.stringify(published));
  if (count === 0) process.stdout.write('writing\n');
}
