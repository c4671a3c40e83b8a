import { sanitise } from '../../untrusted/index.ts';
import { SendFailure } from '../failure.ts';
import type { PostAnswer } from './post.ts';

const EXPLANATION_LENGTH = 120;

/** 2xx is success; everything else says who is to blame, and so what has to wait. */
export function accepted({ status, retryAfterMs, text }: PostAnswer): string {
  if (status >= 200 && status < 300) return `HTTP ${status}`;
  const said = sanitise(text, EXPLANATION_LENGTH);
  const message = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 410) throw new SendFailure('gone', message);
  if (status >= 300 && status < 400) {
    throw new SendFailure(
      'unreachable',
      `HTTP ${status}: a redirect, which is not followed; configure the final address`,
    );
  }
  // Too many, too slow, or not allowed at all: the next one would fare no better.
  const whole = status >= 500 || [401, 403, 404, 407, 408, 425, 429].includes(status);
  throw new SendFailure(whole ? 'unreachable' : 'refused', message, retryAfterMs);
}
