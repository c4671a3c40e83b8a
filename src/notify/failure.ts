/**
 * What failed: 'unreachable': the way or the receiver as a whole, so that everything else would fail as well; 'refused':
 * this one message; 'gone': the receiver wants no more, for good.
 */
export type FailureKind = 'unreachable' | 'refused' | 'gone';

/** A send that failed, as far as the channel can tell why. The message holds no secret. */
export class SendFailure extends Error {
  readonly kind: FailureKind;
  /** The receiver's own wish. */
  readonly retryAfterMs: number | null;

  constructor(kind: FailureKind, message: string, retryAfterMs: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SendFailure';
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

export function asFailure(cause: unknown): SendFailure {
  if (cause instanceof SendFailure) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new SendFailure('unreachable', message, null, cause);
}
