/**
 * Secrets that people put on command lines. Redaction happens before storage, so that neither history, logs nor a model
 * ever hold them. It errs on the side of hiding: a false hit costs a readable argument, a miss costs a key.
 */

export const REDACTED = '[redacted]';

/** Names whose value is a secret: `--api-key X`, `--token=X`, `PASSWORD=x`, `-H "Authorization: Bearer x"`. */
const SECRET_NAME =
  /(?:api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?secret|secret|token|passwd|password|passphrase|credential|authorization|auth[-_]?header|cookie|bearer|(?:^|[-_])(?:key|pass|pwd|auth|pat|dsn)$)/i;

/** Values that are secrets whatever they are called. Sources: the vendors' published key formats. */
const SECRET_VALUE: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{8,}/g, // OpenAI, Anthropic (sk-ant-…)
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}/g, // Stripe
  /\bgh[pousr]_[A-Za-z0-9]{8,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{8,}/g,
  /\bglpat-[A-Za-z0-9_-]{8,}/g, // GitLab
  /\bxox[abeoprs]-[A-Za-z0-9-]{8,}/g, // Slack
  /\bAIza[A-Za-z0-9_-]{20,}/g, // Google
  /\bA(?:KIA|SIA)[A-Z0-9]{12,}/g, // AWS
  /\bnpm_[A-Za-z0-9]{20,}/g,
  /\bhf_[A-Za-z0-9]{16,}/g,
  /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g, // JWT
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9+/_.~=-]{6,}/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
];

// Lengths are bounded where a name may be of any length, or a hostile line of one letter costs its square.
const URL_USERINFO = /(:\/\/)[^\s/@]+@/g;
const URL_SECRET_PARAMETER = /([?&;](?:[a-z_-]{0,60}(?:key|token|secret|password|signature|sig|auth|code))=)[^&\s#]+/gi;
const HEADER = /((?:authorization|cookie|x-api-key|token)\s{0,9}:\s*)\S.*/gi;

/**
 * A named secret inside a longer text (`sh -c "TOKEN=x node …"`, JSON, `--api-key x`). A blank separates name and value
 * only after a flag: prose such as "token refresh" must stay readable.
 */
const NAMED = '(?:api[-_]?key|access[-_]?key|private[-_]?key|secret|token|passwd|password|passphrase|credentials?)';
/** A value with blanks in it is quoted; a quote that is never closed hides all that follows. */
const VALUE = `(?:"[^"]*"?|'[^']*'?|[^\\s"',;&}]+)`;
const INLINE_ASSIGNED = new RegExp(`(${NAMED}["']?\\s{0,9}[=:]\\s*)(?!["']?\\[redacted\\])${VALUE}`, 'gi');
const INLINE_FLAG = new RegExp(`(-[\\w.-]{0,60}${NAMED}\\s+)(?!-|["']?\\[redacted\\])${VALUE}`, 'gi');

/** What is shown is at most 200 characters; some patterns cost more than their length on hostile input, so they never see more than this. */
const MAX_REDACTED_LENGTH = 4096;

/** One argument or line (its first 4,096 characters) with the secrets that it shows by itself taken out. */
export function redactText(text: string): string {
  let out = text
    .slice(0, MAX_REDACTED_LENGTH)
    .replace(URL_USERINFO, `$1${REDACTED}@`)
    .replace(URL_SECRET_PARAMETER, `$1${REDACTED}`);
  for (const pattern of SECRET_VALUE) out = out.replace(pattern, REDACTED);
  out = out.replace(INLINE_ASSIGNED, `$1${REDACTED}`).replace(INLINE_FLAG, `$1${REDACTED}`);
  return out.replace(HEADER, `$1${REDACTED}`);
}

/** A command line, argument by argument: also values that only the argument before gives away. */
export function redactArguments(argv: readonly string[]): string[] {
  let hideNext = false;
  return argv.map((argument) => {
    if (hideNext) {
      hideNext = false;
      if (!argument.startsWith('-')) return REDACTED;
    }
    const assignment = /^(-{0,2}[A-Za-z][\w.-]*)[=:](.+)$/s.exec(argument);
    if (assignment !== null && SECRET_NAME.test(assignment[1] ?? '') && !(assignment[2] ?? '').startsWith('//')) {
      return `${assignment[1]}=${REDACTED}`;
    }
    if (/^--?[A-Za-z]/.test(argument) && SECRET_NAME.test(argument.replace(/^-+/, ''))) hideNext = true;
    return redactText(argument);
  });
}
