import type { RE2JS } from 're2js';
import type { CompileRegex } from '../../alerts/index.ts';
import { RampartError } from '../../model/index.ts';

/**
 * Regular expressions of users, in RE2's syntax and with its promise: time linear in the text, whatever the pattern. The
 * library takes 7 MB, so it is loaded when the first such matcher comes.
 */
export interface SafeRegex {
  /** Must be awaited before a pattern is compiled. */
  load(): Promise<void>;
  readonly compile: CompileRegex;
}

export function createSafeRegex(): SafeRegex {
  let library: typeof RE2JS | null = null;
  return {
    load: async () => {
      library ??= (await import('re2js')).RE2JS;
    },
    compile: (pattern) => {
      if (library === null) throw new Error('regular expressions are not loaded');
      try {
        const compiled = library.compile(pattern);
        return (value) => compiled.testExact(value);
      } catch (cause) {
        throw new RampartError(
          'bad-input',
          'this is no regular expression that can be matched safely',
          'RE2 syntax: no look-around and no back-references.',
          cause,
        );
      }
    },
  };
}
