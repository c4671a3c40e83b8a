import { createDoor } from './door.ts';
import type { McpStdioDeps, Wire } from './stdio.ts';

/** Longer lines are no question of an agent; the protocol library has the same limit. */
const MAX_LINE_CHARACTERS = 10 * 1024 * 1024;

export interface Relay {
  close(): Promise<void>;
}

/** Bytes in and out of the relay; the program's own stdin and stdout. */
export interface RelayStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Serves MCP on the streams: by the door as long as that suffices, then by the protocol library. */
export function startRelay(deps: McpStdioDeps, { input, output }: RelayStreams): Relay {
  const door = createDoor();
  /** The conversation so far, which the library has to hear; null once it has. */
  let told: string[] | null = [];
  /** Requests that the door answered: the library's own answers to them are dropped. */
  const answered = new Set<string | number>();
  let library: Promise<{ receive(line: string): void; close(): Promise<void> }> | null = null;
  let rest = '';

  const write = (message: object): Promise<void> =>
    new Promise((resolve, reject) => {
      output.write(`${JSON.stringify(message)}\n`, (error) => (error == null ? resolve() : reject(error)));
    });

  const wire: Wire = {
    async send(message) {
      if ('id' in message && message.id !== undefined && !('method' in message) && answered.delete(message.id)) return;
      await write(message);
    },
  };

  const onLine = (line: string): void => {
    if (told === null) {
      void library?.then((open) => open.receive(line));
      return;
    }
    told.push(line);
    const answer = door.answer(parse(line));
    if (answer === null) return;
    if (answer !== 'pass') {
      answered.add(answer.id);
      // A broken stdout ends the program; see entries/mcp.ts.
      write({ result: answer.result, jsonrpc: '2.0', id: answer.id }).catch(() => {});
      return;
    }
    const lines = told;
    told = null;
    library = import('./stdio.ts').then(({ openLibrary }) => {
      const open = openLibrary(deps, wire);
      for (const earlier of lines) open.receive(earlier);
      return open;
    });
  };

  input.setEncoding('utf8');
  input.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
    if (rest.length > MAX_LINE_CHARACTERS) {
      rest = '';
      input.pause();
      input.emit('end');
    }
  });

  return {
    async close() {
      await (await library)?.close();
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
