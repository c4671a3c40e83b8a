import { RampartError } from '../model/index.ts';

/** What a client needs to start or reach Rampart as an MCP server. Pure: nothing is read or written. */
export interface ClientConfigOptions {
  readonly client: string;
  readonly transport: 'stdio' | 'http';
  /** Program and arguments of the stdio server, absolute so that no shell and no npx stands between. */
  readonly command: readonly string[];
  /** The endpoint of a running service: 'http://127.0.0.1:3001/mcp'. */
  readonly url: string;
  /** Where its token lies. The token itself is never printed: entries name a variable that is filled from this file. */
  readonly tokenFile: string;
}

export interface ClientEntry {
  readonly client: string;
  readonly title: string;
  /** File to edit, as people write it. */
  readonly file: string | null;
  readonly language: 'json' | 'toml';
  readonly text: string;
  /** A command that adds the entry, if the client has one. */
  readonly command: string | null;
  readonly notes: readonly string[];
}

interface Client {
  readonly title: string;
  readonly file: string;
  readonly language: 'json' | 'toml';
  readonly stdio: (command: string, args: readonly string[]) => object;
  /** Null: this client takes no HTTP server with a header from its file. */
  readonly http: ((url: string) => object) | null;
  /** Command that does the same as the entry. */
  readonly add?: Partial<Record<'stdio' | 'http', (options: ClientConfigOptions) => string>>;
  readonly note?: string;
}

/** The variable that entries name instead of the token. */
const VARIABLE = 'RAMPART_TOKEN';

const program = (command: string, args: readonly string[]) => ({ command, args });
const typed = (command: string, args: readonly string[]) => ({ type: 'stdio', command, args });
const bearer = (reference: string) => ({ Authorization: `Bearer ${reference}` });
const servers = (name: string, build: (command: string, args: readonly string[]) => object) => {
  return (command: string, args: readonly string[]) => ({ [name]: { rampart: build(command, args) } });
};

/** By the clients' own documentation; docs/clients.md says which were tried. */
const TABLE: Readonly<Record<string, Client>> = {
  'claude-code': {
    title: 'Claude Code',
    file: '.mcp.json',
    language: 'json',
    stdio: servers('mcpServers', typed),
    http: (url) => ({ mcpServers: { rampart: { type: 'http', url, headers: bearer(`\${${VARIABLE}}`) } } }),
    add: {
      stdio: ({ command }) => `claude mcp add --scope user rampart -- ${command.map(quote).join(' ')}`,
      http: ({ url }) =>
        `claude mcp add --scope user --transport http rampart ${url} --header 'Authorization: Bearer \${${VARIABLE}}'`,
    },
  },
  codex: {
    title: 'Codex',
    file: '~/.codex/config.toml',
    language: 'toml',
    stdio: servers('mcp_servers', program),
    http: (url) => ({ mcp_servers: { rampart: { url, bearer_token_env_var: VARIABLE } } }),
    add: {
      stdio: ({ command }) => `codex mcp add rampart -- ${command.map(quote).join(' ')}`,
      http: ({ url }) => `codex mcp add rampart --url ${url} --bearer-token-env-var ${VARIABLE}`,
    },
  },
  gemini: {
    title: 'Gemini CLI',
    file: '~/.gemini/settings.json',
    language: 'json',
    stdio: servers('mcpServers', program),
    http: (url) => ({ mcpServers: { rampart: { httpUrl: url, headers: bearer(`$${VARIABLE}`) } } }),
    add: { stdio: ({ command }) => `gemini mcp add --scope user rampart ${command.map(quote).join(' ')}` },
  },
  cursor: {
    title: 'Cursor',
    file: '~/.cursor/mcp.json',
    language: 'json',
    stdio: servers('mcpServers', typed),
    http: (url) => ({ mcpServers: { rampart: { url, headers: bearer(`\${env:${VARIABLE}}`) } } }),
  },
  vscode: {
    title: 'VS Code',
    file: '.vscode/mcp.json',
    language: 'json',
    stdio: servers('servers', typed),
    http: (url) => ({
      inputs: [{ type: 'promptString', id: 'rampart-token', description: 'Rampart token', password: true }],
      servers: { rampart: { type: 'http', url, headers: bearer('${input:rampart-token}') } },
    }),
    note: 'VS Code asks once for the token and keeps it in its own secret storage.',
  },
  'claude-desktop': {
    title: 'Claude Desktop',
    file: 'claude_desktop_config.json (Settings → Developer → Edit Config)',
    language: 'json',
    stdio: servers('mcpServers', program),
    http: null,
  },
  windsurf: {
    title: 'Windsurf',
    file: '~/.codeium/windsurf/mcp_config.json',
    language: 'json',
    stdio: servers('mcpServers', program),
    http: (url) => ({ mcpServers: { rampart: { serverUrl: url, headers: bearer(`\${env:${VARIABLE}}`) } } }),
  },
  zed: {
    title: 'Zed',
    file: '~/.config/zed/settings.json',
    language: 'json',
    stdio: servers('context_servers', program),
    http: (url) => ({ context_servers: { rampart: { url, headers: bearer('PASTE-THE-TOKEN-HERE') } } }),
    note: 'Zed fills no variables in: put the token itself there, and keep the file readable to you alone.',
  },
};

export const CLIENTS: readonly string[] = Object.keys(TABLE);

/** The entry for one client. Throws 'bad-input' for an unknown client, 'unsupported' for HTTP where it cannot be. */
export function clientConfig(options: ClientConfigOptions): ClientEntry {
  const { client, transport, command, url, tokenFile } = options;
  const known = TABLE[client];
  if (known === undefined || !Object.hasOwn(TABLE, client)) {
    throw new RampartError('bad-input', `unknown client '${client}'`, `There are: ${CLIENTS.join(', ')}.`);
  }
  if (transport === 'http' && known.http === null) {
    const hint = `Leave --http out: its entry starts the stdio server, which asks the same service.`;
    throw new RampartError('unsupported', `${known.title} takes no HTTP server with a token from its file`, hint);
  }
  const [program = '', ...args] = command;
  const entry = transport === 'http' ? known.http?.(url) : known.stdio(program, args);
  return {
    client,
    title: known.title,
    file: known.file,
    language: known.language,
    text: known.language === 'toml' ? toToml(entry ?? {}) : JSON.stringify(entry, null, 2),
    command: known.add?.[transport]?.(options) ?? null,
    notes: transport === 'http' ? httpNotes(known, tokenFile) : [],
  };
}

function httpNotes(client: Client, tokenFile: string): string[] {
  return [
    'The service must run: `rampart start`.',
    `Before the client starts: export ${VARIABLE}="$(cat ${quote(tokenFile)})"`,
    ...(client.note === undefined ? [] : [client.note]),
  ];
}

/** Tables of strings and lists of strings are all that these entries hold; JSON's strings are TOML's basic strings. */
function toToml(tables: object): string {
  const lines = Object.entries(tables).flatMap(([group, entries]) =>
    Object.entries(entries as object).flatMap(([name, fields]) => [
      `[${group}.${name}]`,
      ...Object.entries(fields as object).map(([key, value]) => `${key} = ${tomlValue(value)}`),
    ]),
  );
  return lines.join('\n');
}

function tomlValue(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value);
}

/** For a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
