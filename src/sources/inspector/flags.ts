/** What a Node process was told about its inspector, by its command line and `NODE_OPTIONS`. */
export interface InspectorFlags {
  /** `--disable-sigusr1` (Node 22.14, 23.7, 24): the signal does nothing. */
  readonly disablesSignal: boolean;
  /** `--inspect`, `--inspect-brk`, `--inspect-wait`: it listens from its start. */
  readonly listens: boolean;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 9229;
const WITH_ADDRESS = /^--(inspect(?:-brk|-wait|-port)?|debug-port)(?:=(.*))?$/;

/** Later ones win, and the command line wins over `NODE_OPTIONS` (Node reads the environment first). */
export function inspectorFlags(argv: readonly string[], nodeOptions: string): InspectorFlags {
  let disablesSignal = false;
  let listens = false;
  let host = DEFAULT_HOST;
  let port = DEFAULT_PORT;
  const own = nodeArguments(argv).flags;
  const words = [...nodeOptions.split(/\s+/).map((word) => word.replaceAll('"', '')), ...own];
  for (const [index, word] of words.entries()) {
    const name = word.replaceAll('_', '-');
    if (name === '--disable-sigusr1') disablesSignal = true;
    const match = WITH_ADDRESS.exec(name);
    if (match === null) continue;
    const isPort = match[1] === 'inspect-port' || match[1] === 'debug-port';
    if (!isPort) listens = true;
    // `--inspect-port 0` takes the next word; `--inspect` never does.
    const address = word.includes('=') ? word.slice(word.indexOf('=') + 1) : isPort ? (words[index + 1] ?? '') : '';
    const colon = address.lastIndexOf(':');
    const last = address.slice(colon + 1);
    if (/^\d+$/.test(last)) {
      port = Number(last);
      if (colon > 0) host = address.slice(0, colon).replace(/^\[|\]$/g, '');
    } else if (address !== '') host = address;
  }
  return { disablesSignal, listens, host, port };
}

/** Node's flags are those before the script; what follows is the program's own. `script` null: none is named. */
export function nodeArguments(argv: readonly string[]): {
  readonly flags: readonly string[];
  readonly script: string | null;
} {
  const flags: string[] = [];
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') return { flags, script: argv[at + 1] ?? null };
    if (!word.startsWith('-')) return { flags, script: word === '' ? null : word };
    flags.push(word);
    if (TAKES_NEXT.test(word)) {
      flags.push(argv[at + 1] ?? '');
      at += 1;
    }
  }
  return { flags, script: null };
}

/** Flags of Node whose value may be the next word: without this list the value would look like the script. */
const TAKES_NEXT =
  /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|-e|--eval|-p|--print|-pe|--env-file|--env-file-if-exists|--title|--inspect-port|--debug-port|--icu-data-dir|--openssl-config|--dns-result-order|--diagnostic-dir|--report-dir|--report-directory|--redirect-warnings|--input-type|--stack-trace-limit|--watch-path)$/;
