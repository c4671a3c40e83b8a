// A server that meets its fate when a file appears: `node fates.mjs FATE TRIGGER`. Ends by itself after two minutes.
import { existsSync } from 'node:fs';

const [, , fate, trigger] = process.argv;
setTimeout(() => process.exit(0), 120_000);
process.stdin.resume();

const FATES = {
  wait: () => {},
  'exit-0': () => process.exit(0),
  'exit-1': () => process.exit(1),
  uncaught: () => {
    throw new Error('nobody catches this');
  },
  abort: () => process.abort(),
  fault: () => process.kill(process.pid, 'SIGSEGV'),
  // Objects in the V8 heap, fast: hundreds of MB a second.
  heap: () => {
    const kept = [];
    for (;;) kept.push({ numbers: [1, 2, 3, kept.length] });
  },
  // The same over some seconds, as a leak under load does it.
  'slow-heap': () => {
    const kept = [];
    setInterval(() => {
      for (let i = 0; i < 4_000; i += 1) kept.push({ numbers: [1, 2, 3, kept.length] });
    }, 10);
  },
  // Memory outside the heap, touched.
  native: () => {
    const kept = [];
    setInterval(() => kept.push(Buffer.alloc(8 * 1024 * 1024, 1)), 20);
  },
};

const timer = setInterval(() => {
  if (!existsSync(trigger)) return;
  clearInterval(timer);
  FATES[fate]();
}, 25);
