import { RampartError, type CaptureKind, type Refusal, type TargetOutcome } from '../model/index.ts';
import { done, each, notDone, refuse, type Asking, type Doing, type Selection } from './define.ts';
import { inspectable } from './inside.ts';
import type { Target } from './target.ts';
import { bytesText } from './words.ts';

export async function captureAvailable(target: Target, asking: Asking): Promise<Refusal | null> {
  if (asking.captures === null) {
    return refuse('unavailable', 'Captures are not available here.', 'Ask the running service.');
  }
  return inspectable(target, asking);
}

export function capturing(
  kind: CaptureKind,
  selected: readonly Selection[],
  doing: Doing,
): Promise<readonly TargetOutcome[]> {
  return each(selected, doing, async (target) => {
    if (doing.captures === null) return notDone(target, refuse('unavailable', 'No captures here.', 'Ask the service.'));
    doing.step(target.id, `capture: ${kind}`);
    try {
      const { id, bytes } = await doing.captures.capture({ target: target.id, kind, ticket: doing.ticket });
      return done(target, `Kept as ${id}${bytes === null ? '' : ` (${bytesText(bytes)})`}.`);
    } catch (error) {
      if (!(error instanceof RampartError)) throw error;
      const code = error.code === 'not-found' ? 'gone' : 'unavailable';
      return notDone(target, refuse(code, error.message, error.hint));
    }
  });
}
