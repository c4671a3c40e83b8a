/** Every code a user can meet; docs/errors.md lists them. */
export type ErrorCode =
  | 'bad-input'
  | 'bad-config'
  | 'not-found'
  | 'not-permitted'
  | 'unsupported'
  | 'service-unavailable'
  | 'service-busy'
  | 'version-mismatch'
  | 'timeout'
  | 'io'
  | 'corrupt'
  | 'internal';

/** A failure that says what to do next. */
export class RampartError extends Error {
  readonly code: ErrorCode;
  /** One sentence: the next step for whoever reads it. */
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'RampartError';
    this.code = code;
    this.hint = hint;
  }
}
