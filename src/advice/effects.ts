import type { ExpectedEffect } from '../model/index.ts';

/** Nothing is known of the effect in bytes. */
export function unknownEffect(reason: string): ExpectedEffect {
  return { bytes: null, lowBytes: null, highBytes: null, confidence: null, basedOn: 0, reason };
}

/** An effect that follows from figures read now, not from outcomes. */
export function figuredEffect(bytes: number, lowBytes: number, highBytes: number, reason: string): ExpectedEffect {
  return {
    bytes: Math.round(bytes),
    lowBytes: Math.round(Math.min(lowBytes, bytes)),
    highBytes: Math.round(Math.max(highBytes, bytes)),
    confidence: 0.8,
    basedOn: 0,
    reason,
  };
}

/**
 * What a process that ends gives back. Its PSS + swap is its share, and the sum over several ends is right to that; RSS,
 * where PSS was not read, counts shared pages too: then a third of it may stay (measured over trees: docs/attribution.md).
 */
export function endingEffect(
  processes: readonly { readonly footprintBytes: number; readonly isProportional: boolean }[],
): ExpectedEffect {
  let [bytes, low] = [0, 0];
  let isExact = true;
  for (const { footprintBytes, isProportional } of processes) {
    bytes += footprintBytes;
    // Pages that a survivor maps too stay in memory: its share grows. Of PSS that is seldom more than a tenth.
    low += footprintBytes * (isProportional ? 0.9 : 0.65);
    isExact &&= isProportional;
  }
  return figuredEffect(
    bytes,
    low,
    bytes,
    isExact ? 'PSS + swap of what ends' : 'PSS + swap of what ends, RSS where PSS was not read',
  );
}

/** Both together; null as soon as one is not known. Ends are added: the two may be wrong in the same way. */
export function sumEffects(effects: readonly ExpectedEffect[], reason: string): ExpectedEffect {
  const known = effects.filter(({ bytes }) => bytes !== null);
  if (known.length === 0) return unknownEffect(reason);
  const sum = (pick: (effect: ExpectedEffect) => number | null): number =>
    known.reduce((total, effect) => total + (pick(effect) ?? 0), 0);
  return {
    bytes: sum(({ bytes }) => bytes),
    lowBytes: sum(({ lowBytes }) => lowBytes),
    highBytes: sum(({ highBytes }) => highBytes),
    confidence: Math.min(...known.map(({ confidence }) => confidence ?? 1)),
    basedOn: sum(({ basedOn }) => basedOn),
    reason,
  };
}
