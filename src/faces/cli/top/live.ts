import process from 'node:process';
import { StringDecoder } from 'node:string_decoder';
import type { Rampart } from '../../../model/index.ts';
import { asRampartError, EXIT, signalExit } from '../exit.ts';
import { shown } from '../present/safe.ts';
import { listenForStop, pause, type Stop } from '../stop.ts';
import type { Terminal } from '../terminal.ts';
import { type Frame, frame } from './frame.ts';
import { type Command, press, readKeys } from './keys.ts';
import { createScreen, type Screen } from './screen.ts';
import { type TopState, withReport } from './state.ts';

export interface LiveOptions {
  readonly rampart: Rampart;
  readonly terminal: Terminal;
  readonly start: TopState;
  readonly intervalMs: number;
  /** Ends it from outside; without one signals and keys do. */
  readonly stop?: Stop;
}

/** Shows the live table until somebody quits; answers with the exit code. The terminal is given back in every case. */
export async function runLive({ rampart, terminal, start, intervalMs, ...given }: LiveOptions): Promise<number> {
  const stop = given.stop ?? listenForStop();
  const screen = createScreen(terminal);
  let state = start;
  let last: Frame = { lines: [], rows: [], pageRows: 1 };
  let asking = false;

  const draw = (): void => {
    last = frame(state, { width: terminal.width(), height: terminal.height() }, terminal.glyphs);
    screen.draw(last.lines);
  };
  const look = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      state = withReport(state, await rampart.status());
    } catch (cause) {
      state = { ...state, problem: shown(asRampartError(cause).message) };
    } finally {
      asking = false;
    }
    if (!stop.isWanted()) draw();
  };
  const onCommand = (command: Command): void => {
    if (command === 'quit') stop.now();
    if (command === 'suspend') suspend(screen, draw);
    if (command === 'repaint') screen.forget();
    if (command === 'repaint' || command === 'refresh') void look();
  };
  const decoder = new StringDecoder('utf8');
  const onData = (data: Uint8Array | string): void => {
    const text = typeof data === 'string' ? data : decoder.write(Buffer.from(data));
    for (const key of readKeys(text)) {
      const pressed = press(state, key, last.rows, last.pageRows);
      state = pressed.state;
      onCommand(pressed.command);
      if (stop.isWanted()) return;
      // The next key of the same chunk acts on the rows that this one left.
      draw();
    }
  };
  const onResize = (): void => {
    screen.forget();
    draw();
  };

  const release = holdTerminal(terminal, screen, onData, onResize);
  try {
    draw();
    while (!stop.isWanted()) {
      if (!state.paused) await Promise.race([look(), stop.wanted]);
      await pause(intervalMs, stop);
    }
    const signal = await stop.wanted;
    return signal === null || signal === 'SIGINT' ? EXIT.ok : signalExit(signal);
  } finally {
    release();
    if (given.stop === undefined) stop.dispose();
  }
}

/** Takes the terminal; what it returns gives it back, and so do an exit and a crash. */
function holdTerminal(
  { streams }: Terminal,
  screen: Screen,
  onData: (data: Uint8Array | string) => void,
  onResize: () => void,
): () => void {
  const { stdin, stdout } = streams;
  const leave = (): void => screen.leave();
  process.on('exit', leave);
  // Before Node prints the stack, or it would be printed on a screen that vanishes.
  process.on('uncaughtExceptionMonitor', leave);
  screen.enter();
  stdin.on('data', onData);
  stdin.resume();
  stdout.on?.('resize', onResize);
  return () => {
    stdin.off('data', onData);
    stdin.pause();
    stdout.off?.('resize', onResize);
    screen.leave();
    process.off('exit', leave);
    process.off('uncaughtExceptionMonitor', leave);
  };
}

/** Ctrl-Z: in raw mode the terminal does not send the signal, so we do. */
function suspend(screen: Screen, draw: () => void): void {
  screen.leave();
  process.once('SIGCONT', () => {
    screen.enter();
    draw();
  });
  process.kill(process.pid, 'SIGTSTP');
}
