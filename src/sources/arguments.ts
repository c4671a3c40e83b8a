import { redactArguments, sanitise } from '../untrusted/index.ts';

/** As `ProcessFacts.argv` promises. */
const MAX_ARGUMENTS = 64;

/**
 * Cut before the regular expressions of the redaction run, which are not linear on hostile text. Five times what is kept:
 * a secret that this cut splits is far behind the 200 characters that remain.
 */
const MAX_SCANNED_LENGTH = 1000;

/** A command line that is fit to keep: secrets out, one line per argument, bounded. */
export function presentableArguments(argv: readonly string[]): string[] {
  const bounded = argv.slice(0, MAX_ARGUMENTS).map((argument) => argument.slice(0, MAX_SCANNED_LENGTH));
  return redactArguments(bounded).map((argument) => sanitise(redactWords(argument)));
}

/** A rewritten title (npm) or `sh -c` text is a whole command line in one argument. */
function redactWords(argument: string): string {
  return argument.includes(' ') ? redactArguments(argument.split(' ')).join(' ') : argument;
}
