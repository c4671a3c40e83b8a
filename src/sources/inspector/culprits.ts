import type { CodePlace, Culprit } from '../../model/index.ts';
import { redactText, sanitise } from '../../untrusted/index.ts';
import { rankGrowth } from './growth.ts';
import type { LiveProfile } from './profile.ts';
import { createSourceMaps } from './source-maps.ts';

/** Paths are longer than titles. */
const MAX_FILE_LENGTH = 400;
/** Deeper callers are the event loop's and the framework's. */
const MAX_STACK = 12;

/** The ranking with places that people know: mapped back to the source, cleaned. */
export async function culpritsOf(profiles: readonly LiveProfile[]): Promise<readonly Culprit[]> {
  const maps = createSourceMaps();
  const culprits: Culprit[] = [];
  for (const { place, stack, growthBytes, share, liveBytes, ratePerHourBytes } of rankGrowth(profiles)) {
    const source = await maps.original(place);
    culprits.push({
      ...presentable(place),
      source:
        source === null ? null : presentable({ ...source, functionName: source.functionName || place.functionName }),
      growthBytes: Math.round(growthBytes),
      share,
      liveBytes: Math.round(liveBytes),
      ratePerHourBytes: Math.round(ratePerHourBytes),
      stack: stack.slice(0, MAX_STACK).map(presentable),
    });
  }
  return culprits;
}

/** Names and paths are the program's own words. */
function presentable({ functionName, file, line, column }: CodePlace): CodePlace {
  const path = file.startsWith('file://') ? file.slice('file://'.length) : file;
  return {
    functionName: sanitise(functionName, 100) || '(anonymous)',
    file: redactText(sanitise(path, MAX_FILE_LENGTH)) || '(native code)',
    line,
    column,
  };
}
