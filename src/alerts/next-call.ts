import { isPlainId } from '../wording/index.ts';

/** A call worth making next: `detect_leaks(target="4711:88")`, with words behind it. */
export function nextCall(tool: string, target: string | null, why: string): string[] {
  if (target === null) return [`${tool}(): ${why}`];
  return isPlainId(target) ? [`${tool}(target="${target}"): ${why}`] : [];
}
