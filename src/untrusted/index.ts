export { REDACTED, redactArguments, redactText } from './redact.ts';
export { MAX_TEXT_LENGTH, sanitise } from './sanitise.ts';
