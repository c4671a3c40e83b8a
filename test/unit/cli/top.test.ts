import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASCII, UNICODE } from '../../../src/faces/cli/present/glyphs.ts';
import { lineWidth, plainText } from '../../../src/faces/cli/present/line.ts';
import { createTerminal } from '../../../src/faces/cli/terminal.ts';
import { frame } from '../../../src/faces/cli/top/frame.ts';
import { press, readKeys } from '../../../src/faces/cli/top/keys.ts';
import { createScreen } from '../../../src/faces/cli/top/screen.ts';
import { initialState, SORTS, type TopState, withReport } from '../../../src/faces/cli/top/state.ts';
import { changeOf } from '../../../src/faces/cli/top/trail.ts';
import type { StatusReport } from '../../../src/model/index.ts';
import { capture } from '../../support/cli/fake.ts';
import { NOW_MS, statusReport } from '../../support/cli/reports.ts';

const MIB = 1024 ** 2;
const size = { width: 100, height: 24 };

/** The report of look `step`: docs-index (pid 104) grows by 5 MiB a look, and its session with it. */
function look(step: number): StatusReport {
  const report = statusReport({ atMs: NOW_MS + step * 2000 });
  return {
    ...report,
    sessions: report.sessions.map((session) => ({
      ...session,
      totalBytes: (session.totalBytes ?? 0) + (session.name === 'my-project' ? step * 5 * MIB : 0),
      processes: session.processes.map((process) =>
        process.pid === 104 ? { ...process, pssBytes: (process.pssBytes ?? 0) + step * 5 * MIB } : process,
      ),
    })),
  };
}

function watched(looks = 10): TopState {
  let state = initialState('memory', '');
  for (let step = 0; step < looks; step++) state = withReport(state, look(step));
  return state;
}

const draw = (state: TopState, window = size): string[] => frame(state, window, UNICODE).lines.map(plainText);

function typed(state: TopState, keys: string, window = size): TopState {
  let now = state;
  for (const key of readKeys(keys)) {
    const { rows, pageRows } = frame(now, window, UNICODE);
    now = press(now, key, rows, pageRows).state;
  }
  return now;
}

const chosen = (state: TopState): string => draw(state).find((row) => row.startsWith('>')) ?? '';

describe('a frame', () => {
  it('fills any window exactly and is never wider', () => {
    for (const width of [20, 40, 46, 60, 80, 132]) {
      for (const height of [3, 6, 10, 17, 18, 24, 60]) {
        for (const state of [watched(), { ...watched(), help: true }, initialState('memory', '')]) {
          const { lines } = frame(state, { width, height }, ASCII);
          expect(lines).toHaveLength(height);
          for (const row of lines) expect(lineWidth(row)).toBeLessThanOrEqual(width);
        }
      }
    }
  });

  it('answers at the first glance', () => {
    const lines = draw(watched(), { width: 80, height: 24 });
    expect(lines[0]).toMatch(/^● OK {2}2 agent sessions use 2\.62 GiB.*\d\d:\d\d:\d\d$/);
    expect(lines[1]).toContain('13.3 GiB of 23.5 GiB available');
    expect(lines[4]).toMatch(/^>\s+2\.\d+ GiB .* ▾ claude-code my-project/);
    expect(lines.at(-1)).toMatch(/^q quit {2}\? help/);
  });

  it('shows what grew, by how much', () => {
    const state = watched();
    expect(draw(state).find((row) => row.includes('docs-index'))).toMatch(/▁.*\+45\.0 MiB/);
    expect(changeOf(state.trails.get('104:1104'))).toBe(45 * MIB);
    expect(changeOf(withReport(initialState('memory', ''), look(0)).trails.get('104:1104'))).toBeNull();
  });

  it('draws no fall where RSS gave way to PSS', () => {
    const rss = look(0);
    const before = { ...rss, unattributed: rss.unattributed.map((process) => ({ ...process, pssBytes: null })) };
    const state = withReport(withReport(initialState('memory', ''), before), look(1));
    expect(changeOf(state.trails.get('300:1300'))).toBeNull();
  });

  it('explains the chosen row', () => {
    const lines = draw(typed(watched(), 'G'));
    expect(lines.join('\n')).toContain('orphan (97 %): nobody holds the other end of its stdin, seen twice');
    expect(draw(watched()).join('\n')).toContain('3f9a2c11-7b1e-4a55-9d0e-0c5d3a8f1b22');
  });

  it('says so when nothing answers, and keeps the last figures', () => {
    const lines = draw({ ...watched(), problem: 'the service has gone' });
    expect(lines[0]).toContain('No answer: the service has gone');
    expect(lines.join('\n')).toContain('docs-index');
  });

  it('remembers rows only while they live, and a bounded time', () => {
    const state = watched(400);
    expect(state.trails.get('104:1104')?.length).toBe(150);
    const gone = withReport(state, { ...look(401), sessions: [] });
    expect(gone.trails.has('104:1104')).toBe(false);
  });
});

describe('keys', () => {
  it('are read from whatever chunks a terminal sends', () => {
    expect(readKeys('\u001b[Aj\u001bOB\u001b[5~\r\u001b')).toEqual(['up', 'j', 'down', 'page-up', 'enter', 'escape']);
    expect(readKeys('\u001b[200~ä漢\u001b[201~\u0003')).toEqual(['ä', '漢', 'ctrl-c']);
    expect(readKeys('\u001b[<0;10;10M')).toEqual([]);
  });

  it('move the choice and stop at the ends', () => {
    expect(chosen(typed(watched(), 'jj'))).toContain('docs-index');
    expect(chosen(typed(watched(), 'jjk'))).toContain('agent claude');
    expect(chosen(typed(watched(), 'kkkk'))).toContain('my-project');
    expect(chosen(typed(watched(), 'G'))).toContain('browser-tools');
    expect(chosen(typed(watched(), 'Gg'))).toContain('my-project');
  });

  it('keep the choice on its row when others come and go before it', () => {
    const state = typed(watched(), 'G');
    const fewer = withReport(state, { ...look(11), sessions: look(11).sessions.slice(0, 1) });
    expect(chosen(fewer)).toContain('browser-tools');
    const gone = withReport(state, { ...look(11), unattributed: [] });
    expect(chosen(gone)).not.toBe('');
  });

  it('fold the session, from any row inside it', () => {
    const folded = typed(watched(), 'jjj\u001b[D');
    expect(chosen(folded)).toContain('▸ claude-code my-project');
    expect(draw(folded).join('\n')).not.toContain('docs-index');
    expect(draw(typed(folded, '\r')).join('\n')).toContain('docs-index');
    expect(draw(typed(watched(), 'c')).join('\n')).not.toContain('agent claude');
    expect(draw(typed(watched(), 'cc')).join('\n')).toContain('agent claude');
    // The orphan belongs to no session: there is nothing to fold.
    expect(draw(typed(watched(), 'G\u001b[D')).join('\n')).toContain('docs-index');
  });

  it('filter by words, keeping what leads to a match', () => {
    const state = typed(watched(), '/vitest');
    expect(draw(state).at(-1)).toContain('filter: vitest_');
    const lines = draw(typed(state, '\r')).join('\n');
    expect(lines).toContain('tool vitest');
    expect(lines).toContain('tool npm test');
    expect(lines).not.toContain('docs-index');
    expect(draw(typed(watched(), '/no such thing\r')).join('\n')).toContain('Nothing matches');
    expect(draw(typed(state, '\u007f\u007f\u007f\u007f\u007f\u007f\r')).join('\n')).toContain('docs-index');
    expect(draw(typed(state, '\u001b')).join('\n')).toContain('docs-index');
    expect(typed(state, 'q').filter).toBe('vitestq');
  });

  it('sort by each column, and reverse', () => {
    let state: TopState = { ...watched(), flat: true };
    const first = (): string => draw(state)[4] ?? '';
    const seen = SORTS.map((sort) => {
      state = { ...state, sort };
      return first();
    });
    expect(seen[SORTS.indexOf('memory')]).toContain('docs-index');
    expect(seen[SORTS.indexOf('change')]).toContain('docs-index');
    expect(seen[SORTS.indexOf('cpu')]).toContain('agent claude');
    expect(seen[SORTS.indexOf('name')]).toContain('browser-tools');
    expect(draw(typed(watched(), 's')).at(-1)).toContain('sort: change');
    expect(draw(typed({ ...watched(), flat: true }, 'S'))[4]).not.toContain('docs-index');
  });

  it('pause, ask for help, and quit', () => {
    const { rows, pageRows } = frame(watched(), size, UNICODE);
    const after = (key: string) => press(watched(), key, rows, pageRows);
    expect(after('q').command).toBe('quit');
    expect(after('ctrl-c').command).toBe('quit');
    expect(press({ ...watched(), typing: true }, 'ctrl-c', rows, pageRows).command).toBe('quit');
    expect(after('ctrl-z').command).toBe('suspend');
    expect(after('p').state.paused).toBe(true);
    expect(draw(after('p').state)[0]).toContain('PAUSED');
    expect(press(after('p').state, 'p', rows, pageRows)).toMatchObject({
      command: 'refresh',
      state: { paused: false },
    });
    expect(draw(after('?').state).join('\n')).toContain('fold or open the session');
    expect(press(after('?').state, 'x', rows, pageRows).state.help).toBe(false);
  });

  it('never break the frame, whatever is typed', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (keys) => {
        const { lines } = frame(typed(watched(2), keys), size, UNICODE);
        expect(lines).toHaveLength(size.height);
        for (const row of lines) {
          expect(lineWidth(row)).toBeLessThanOrEqual(size.width);
          // eslint-disable-next-line no-control-regex
          expect(plainText(row)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the screen', () => {
  const lines = (...texts: string[]) => texts.map((text) => [{ text, tone: 'plain' as const }]);

  it('writes only lines that changed, and nothing when none did', () => {
    const streams = capture(10);
    const screen = createScreen(createTerminal(streams));
    const written = (action: () => void): string => {
      const before = streams.out().length;
      action();
      return streams.out().slice(before);
    };
    screen.enter();
    expect(written(() => screen.draw(lines('one', 'two')))).toContain('one');
    expect(written(() => screen.draw(lines('one', 'two')))).toBe('');
    const second = written(() => screen.draw(lines('one', 'TWO')));
    expect(second).toContain('\u001b[2;1HTWO');
    expect(second).not.toContain('one');
    screen.forget();
    const anew = written(() => screen.draw(lines('one', 'TWO')));
    expect(anew).toContain('\u001b[2J');
    expect(anew).toContain('one');
    // A full line must not be followed by an erase: it would eat its last column.
    expect(written(() => screen.draw(lines('0123456789', 'TWO')))).not.toContain('\u001b[K');
  });

  it('gives the terminal back once', () => {
    const streams = capture(10);
    const screen = createScreen(createTerminal(streams));
    screen.leave();
    expect(streams.out()).toBe('');
    screen.enter();
    screen.leave();
    screen.leave();
    expect(streams.out().split('\u001b[?1049l')).toHaveLength(2);
    expect(streams.out()).toContain('\u001b[?25h');
  });
});
