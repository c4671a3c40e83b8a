// Takes part in an election as soon as its stdin has a line; says 'won' or 'lost'; a winner holds on until stdin ends.
import { elect } from '../../../src/service/socket/lock.ts';

const dir = process.argv[2] ?? '';
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  void elect(dir).then((lock) => {
    process.stdout.write(lock === null ? 'lost\n' : 'won\n');
    if (lock === null) process.exit(0);
  });
});
process.stdin.once('end', () => process.exit(0));
