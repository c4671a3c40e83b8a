import { type Line, line, span } from '../present/line.ts';

/** What the keys of `top` do. */
export function helpLines(): Line[] {
  const keys: readonly (readonly [string, string])[] = [
    ['up down, j k', 'choose a row (PgUp, PgDn, Home, End too)'],
    ['left right, Enter', 'fold or open the session'],
    ['c', 'fold or open all sessions'],
    ['s, S', 'next sort: memory, change, cpu, rss, age, name; reverse it'],
    ['/', 'filter by name, command, pid, role or state; Esc clears'],
    ['t', 'tree, or one flat list'],
    ['a', 'also processes of no session'],
    ['p, Space', 'pause'],
    ['r, Ctrl-L', 'look now; paint anew'],
    ['q, Ctrl-C', 'quit'],
  ];
  return [
    line(span('Keys', 'strong'), span('   any key closes this', 'dim')),
    ...keys.map(([key, does]) => line('  ', span(key.padEnd(18), 'accent'), does)),
    line(span('CHANGE is since top began, at most 5 minutes. * RSS counts shared pages once per', 'dim')),
    line(span('process. ~ is RSS where PSS could not be read.', 'dim')),
  ];
}
