import { sanitise } from '../untrusted/index.ts';

/** How a session is taken up again. Pure: whoever looked for the files passes in what was found. */

export interface SessionFile {
  /** As people write it: `~/.claude/projects/…/ID.jsonl`. */
  readonly path: string;
  readonly bytes: number;
}

export interface SessionTrace {
  readonly client: string | null;
  readonly sessionId: string | null;
  readonly cwd: string | null;
  /** Null: it was looked for and is not there, or nobody knows where this client keeps it (`searched` says which). */
  readonly file: SessionFile | null;
  readonly searched: boolean;
}

export interface Resume {
  readonly command: string | null;
  readonly reason: string;
}

const MIB = 1024 * 1024;
/** Agents read a session's file whole when they take it up: from here on that is felt, and gigabytes end at start-up. */
const LARGE_FILE_BYTES = 100 * MIB;
/** V8's longest string is 512 MiB: what reads such a file as one text cannot start. */
const HUGE_FILE_BYTES = 512 * MIB;

/** Nothing else may stand in a command that people paste. */
const SAFE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{3,127}$/;
const MAX_PATH = 4096;
const SAFE_PATH = /^\/[\w@%+=:,./-]*$/;

const COMMANDS: Readonly<Record<string, (id: string) => string>> = {
  'claude-code': (id) => `claude --resume ${id}`,
  codex: (id) => `codex resume ${id}`,
  'gemini-cli': (id) => `gemini --resume ${id}`,
};

/** The command, once the session's file was seen; else null and the reason. */
export function resumeOf({ client, sessionId, cwd, file, searched }: SessionTrace): Resume {
  if (sessionId === null) return none('It belonged to no known session.');
  const command = client === null ? undefined : COMMANDS[client];
  if (command === undefined) return none('How its client takes up a session is not known.');
  if (!SAFE_ID.test(sessionId)) return none('The id of its session is not one that can be pasted into a shell.');
  if (file === null) {
    return none(
      searched
        ? "The session's file was not found: it was never written, or it was removed."
        : 'Where its client keeps sessions is not known here.',
    );
  }
  // No controls, no direction tricks: what is seen must be what runs.
  if (cwd !== null && sanitise(cwd, MAX_PATH) !== cwd)
    return none('The path of its directory is not one that can be pasted into a shell.');
  const line = cwd === null || cwd === '' ? command(sessionId) : `cd ${quote(cwd)} && ${command(sessionId)}`;
  const where = cwd === null ? ' Run it in the directory of the session, which is not known.' : '';
  return { command: line, reason: `${sizeNote(file)}${where}` };
}

const none = (reason: string): Resume => ({ command: null, reason });

const quote = (path: string): string => (SAFE_PATH.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);

function sizeNote({ bytes }: SessionFile): string {
  const size = sizeText(bytes);
  if (bytes >= HUGE_FILE_BYTES) {
    return `Mind: the session's file has ${size}. Resuming reads it whole and may use several times that, or fail; move it away or start anew.`;
  }
  if (bytes >= LARGE_FILE_BYTES) return `Mind: the session's file has ${size}, which resuming reads into memory.`;
  return `The session's file is there (${size}).`;
}

function sizeText(bytes: number): string {
  if (bytes >= 1024 * MIB) return `${(bytes / 1024 / MIB).toFixed(1)} GiB`;
  return bytes >= MIB ? `${(bytes / MIB).toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
}
