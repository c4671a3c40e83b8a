import { setFlagsFromString } from 'node:v8';

/**
 * Runs before the rest of the relay is compiled. The relay answers a few questions an hour: code that the optimising
 * compiler would make of its start-up costs 4.5 MiB of RSS and 10 ms of CPU, once for every agent session, and is never
 * used again (bench/mcp-startup shows the whole).
 */
setFlagsFromString('--no-opt');
