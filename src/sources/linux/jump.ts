import type { HostSample } from '../../model/index.ts';

/** A move of available memory by more than this share of the total since the last full look asks for another. */
const AVAILABLE_SHARE = 1 / 64;

/** Tasks that stalled on memory for more than 1 % of the time since the last tick: someone is short of memory now. */
const STALL_SHARE = 0.01;

/**
 * Whether memory moved somewhere while quiet processes were not being watched. Available memory is compared with the last
 * full look, so that a slow drain adds up to a jump too.
 */
export function createJumpDetector(): (host: HostSample, nowMs: number) => boolean {
  let availableBytes: number | null = null;
  let stallUs: number | null = null;
  let lastMs = 0;
  return (host, nowMs) => {
    const elapsedUs = Math.max(1, nowMs - lastMs) * 1000;
    const stalled = host.pressure === null || stallUs === null ? 0 : host.pressure.someTotalUs - stallUs;
    const moved = availableBytes === null ? 0 : Math.abs(host.memoryAvailableBytes - availableBytes);
    stallUs = host.pressure?.someTotalUs ?? null;
    lastMs = nowMs;
    const jump = moved > host.memoryTotalBytes * AVAILABLE_SHARE || stalled > elapsedUs * STALL_SHARE;
    if (jump || availableBytes === null) availableBytes = host.memoryAvailableBytes;
    return jump;
  };
}
