/** 1/64 (1.6 %) is above the noise of an idle runtime and below every step that a chart would show. */
const CHANGE_SHARE = 1 / 64;

/** Whether memory moved by more than 1/64 of what it was. */
export function movedEnough(fromBytes: number, toBytes: number): boolean {
  return Math.abs(toBytes - fromBytes) > fromBytes * CHANGE_SHARE;
}
