import type { Target } from '../target.ts';

/**
 * What the user said must never be touched: `name=postgres*`, `cwd=/srv/prod*`, `session=ID`. `*` stands for anything,
 * `?` for one character. A plain word is a name.
 */
const FIELDS = ['name', 'cwd', 'session'] as const;

/** A matcher that fits; null: none does. */
export function protectedBy(matchers: readonly string[], target: Target): string | null {
  return matchers.find((matcher) => fits(matcher, target)) ?? null;
}

function fits(matcher: string, target: Target): boolean {
  const at = matcher.indexOf('=');
  const field = FIELDS.find((name) => at > 0 && name === matcher.slice(0, at).trim());
  const glob = globPattern(field === undefined ? matcher : matcher.slice(at + 1).trim());
  return texts(target, field ?? 'name').some((text) => glob.test(text));
}

/** Names are matched in every form in which a user may know them. */
function texts({ name, command, cwd, attribution }: Target, field: (typeof FIELDS)[number]): string[] {
  if (field === 'cwd') return cwd === null ? [] : [cwd];
  if (field === 'session') return attribution.sessionId === null ? [] : [attribution.sessionId];
  const program = command.split(' ')[0] ?? '';
  const base = program.split('/').at(-1) ?? '';
  return [name, base, program, attribution.serverName ?? name];
}

/** Runs of `*` are one: the pattern stays linear. */
function globPattern(glob: string): RegExp {
  const text = glob
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${text}$`, 'su');
}
