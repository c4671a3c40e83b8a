import { setFlagsFromString } from 'node:v8';

/**
 * Runs before the rest of the relay is compiled. The relay answers a few questions an hour: what the optimising compiler
 * makes of the protocol library's start-up costs 4.5 MiB of RSS and 10 ms of CPU in every agent session that asks at all,
 * and is never used again (measured as in bench/mcp-startup).
 */
setFlagsFromString('--no-opt');
