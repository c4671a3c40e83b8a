// Watches the memory bank of the project in argv. Told "close" on stdin it closes the bank; told nothing it just runs out
// of things to do: in both cases the process must end by itself.
import { watchMemoryBank } from '../../../src/integrations/memory-bank.ts';

const bank = watchMemoryBank({ project: process.argv[2] ?? '' });
await bank.read();
process.stdout.write(`${bank.stats().watched}\n`);
if (process.argv[3] === 'close') {
  const keepAlive = setInterval(() => {}, 1000);
  process.stdin.once('data', () => {
    bank.close();
    process.stdout.write(`${bank.stats().watched}\n`);
    clearInterval(keepAlive);
    process.stdin.unref();
  });
}
