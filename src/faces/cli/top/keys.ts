import { shown } from '../present/safe.ts';
import type { TopRow } from './rows.ts';
import { SORTS, type TopState } from './state.ts';

/** A key that was pressed, by name; a printable character is itself. */
export type Key = string;

const SEQUENCES: Readonly<Record<string, Key>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  '\u001b[C': 'right',
  '\u001bOC': 'right',
  '\u001b[D': 'left',
  '\u001bOD': 'left',
  '\u001b[5~': 'page-up',
  '\u001b[6~': 'page-down',
  '\u001b[H': 'home',
  '\u001b[1~': 'home',
  '\u001bOH': 'home',
  '\u001b[F': 'end',
  '\u001b[4~': 'end',
  '\u001bOF': 'end',
};

const CONTROL: Readonly<Record<string, Key>> = {
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-d',
  '\u000c': 'ctrl-l',
  '\u001a': 'ctrl-z',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'escape',
};

// eslint-disable-next-line no-control-regex
const TOKEN = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])|[^]/gu;

/** The keys in what a terminal sent at once; sequences that mean nothing here vanish. */
export function readKeys(text: string): Key[] {
  return (text.match(TOKEN) ?? []).flatMap((token) => {
    const named = SEQUENCES[token] ?? CONTROL[token];
    if (named !== undefined) return [named];
    const isControl = token < ' ' || token.length > 2;
    return isControl ? [] : [token];
  });
}

export type Command = 'quit' | 'suspend' | 'repaint' | 'refresh' | null;

/** What a key does to the state, and what it asks of the program. `rows` are those of the last frame. */
export function press(
  state: TopState,
  key: Key,
  rows: readonly TopRow[],
  pageRows: number,
): { readonly state: TopState; readonly command: Command } {
  if (key === 'ctrl-c' || key === 'ctrl-d') return { state, command: 'quit' };
  if (key === 'ctrl-z') return { state, command: 'suspend' };
  if (state.typing) return { state: type(state, key), command: null };
  if (state.help) return { state: { ...state, help: false }, command: null };
  switch (key) {
    case 'q':
      return { state, command: 'quit' };
    case 'ctrl-l':
      return { state, command: 'repaint' };
    case 'r':
      return { state, command: 'refresh' };
    case 'p':
    case ' ':
      return { state: { ...state, paused: !state.paused }, command: state.paused ? 'refresh' : null };
    default:
      return { state: change(state, key, rows, pageRows), command: null };
  }
}

function change(state: TopState, key: Key, rows: readonly TopRow[], pageRows: number): TopState {
  const at = chosenIndex(state, rows);
  const move = (to: number): TopState => choose(state, rows, Math.min(rows.length - 1, Math.max(0, to)));
  switch (key) {
    case 'up':
    case 'k':
      return move(at - 1);
    case 'down':
    case 'j':
      return move(at + 1);
    case 'page-up':
      return move(at - pageRows);
    case 'page-down':
      return move(at + pageRows);
    case 'home':
    case 'g':
      return move(0);
    case 'end':
    case 'G':
      return move(rows.length - 1);
    case 'left':
      return fold(state, rows, at, true);
    case 'right':
      return fold(state, rows, at, false);
    case 'enter':
      return fold(state, rows, at, !state.folded.has(rows[at]?.id ?? ''));
    case 'c':
      return foldAll(state);
    case 's':
      return { ...state, sort: SORTS[(SORTS.indexOf(state.sort) + 1) % SORTS.length] ?? 'memory', reversed: false };
    case 'S':
      return { ...state, reversed: !state.reversed };
    case 't':
      return { ...state, flat: !state.flat };
    case 'a':
      return { ...state, all: !state.all };
    case '/':
      return { ...state, typing: true };
    case 'escape':
      return { ...state, filter: '' };
    case 'h':
    case '?':
      return { ...state, help: true };
    default:
      return state;
  }
}

/** Long enough for a path; what is pasted beyond that is no search. */
const MAX_FILTER = 80;

function type(state: TopState, key: Key): TopState {
  if (key === 'enter') return { ...state, typing: false };
  if (key === 'escape') return { ...state, typing: false, filter: '' };
  if (key === 'backspace') return { ...state, filter: state.filter.replace(/.$/su, '') };
  if (!/^.$/su.test(key) || shown(key) !== key.trim()) return state;
  return { ...state, filter: (state.filter + key).slice(0, MAX_FILTER) };
}

/** Where the chosen row is now; when it is gone, what took its place. */
export function chosenIndex(state: TopState, rows: readonly TopRow[]): number {
  const found = rows.findIndex(({ id }) => id === state.chosen);
  return found >= 0 ? found : Math.max(0, Math.min(state.chosenIndex, rows.length - 1));
}

function choose(state: TopState, rows: readonly TopRow[], index: number): TopState {
  return { ...state, chosen: rows[index]?.id ?? null, chosenIndex: Math.max(0, index) };
}

/** Folds the session of the chosen row; from inside the tree the choice moves to the session's own row. */
function fold(state: TopState, rows: readonly TopRow[], at: number, closed: boolean): TopState {
  let head = at;
  while (head >= 0 && rows[head]?.session === null && closed) head -= 1;
  const row = rows[head];
  if (row === undefined || !row.foldable || state.flat) return state;
  if (closed && rows[at]?.process !== null && !belongsTo(rows[at], row)) return state;
  const folded = new Set(state.folded);
  if (closed) folded.add(row.id);
  else folded.delete(row.id);
  return choose({ ...state, folded }, rows, head);
}

function belongsTo(row: TopRow | undefined, head: TopRow): boolean {
  return head.session?.processes.some(({ id }) => id === row?.id) ?? false;
}

function foldAll(state: TopState): TopState {
  if (state.folded.size > 0) return { ...state, folded: new Set() };
  return { ...state, folded: new Set(state.report?.sessions.map(({ sessionId }) => `session:${sessionId}`)) };
}
