// One sampler and nothing else, at 1 Hz, as a program of its own: what it costs is what the sampler costs.
import { createLinuxSource } from '../../src/sources/linux/index.ts';
import { systemClock } from '../../src/sources/clock.ts';

const source = createLinuxSource({ clock: systemClock });
setInterval(() => void source.sample(), 1000);
process.stdin.on('end', () => process.exit(0)).resume();
