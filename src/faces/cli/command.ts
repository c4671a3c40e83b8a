import type { ArgsDef, ParsedArgs } from 'citty';
import type { Clock, Rampart } from '../../model/index.ts';
import type { RuleTestResult } from '../../service/rule-tests/run.ts';
import type { Terminal } from './terminal.ts';

/** A running service in this process, as `start` needs it. */
export interface RunningService {
  readonly rampart: Rampart;
  readonly socketPath: string;
  /** URL of the HTTP face; null: it is off, or another program holds its port. */
  readonly url: string | null;
  /** Sentences for whoever watches: what could not be opened and why. */
  readonly notes: readonly string[];
  /** Resolves when the service ends by itself (a newer one took over), with the reason. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** One configuration value as `rampart config` shows it. */
export interface ConfigValue {
  readonly name: string;
  readonly value: unknown;
  readonly kind: string;
  readonly from: 'default' | 'file' | 'environment' | 'flag';
  readonly detail: string | null;
  readonly description: string;
  readonly variable: string;
  /** Engine that will use it and does not exist yet; null: it works now. */
  readonly notYet: string | null;
}

export interface ConfigView {
  /** The file that was read; null: there is none. */
  readonly file: string | null;
  /** Where a file would be looked for, and where state and socket live. */
  readonly places: Readonly<Record<string, string>>;
  readonly values: readonly ConfigValue[];
}

/** The entry that makes a client start Rampart, and where it goes. */
interface ClientEntry {
  readonly client: string;
  readonly title: string;
  /** File to edit, as people write it (`~/.codex/config.toml`); null: the command does it all. */
  readonly file: string | null;
  readonly language: 'json' | 'toml';
  readonly text: string;
  /** A command that adds the entry, if the client has one. */
  readonly command: string | null;
  readonly notes: readonly string[];
}

/** What the program hands to its commands; each function loads its part when it is called. */
export interface CliDeps {
  readonly version: string;
  readonly clock: Clock;
  /** The running service. Fails with `service-unavailable` when there is none. */
  readonly connect: () => Promise<Rampart>;
  /** The running service; starts one that leaves by itself when its last client has gone. */
  readonly ensureService: () => Promise<Rampart>;
  /** An engine inside this process that takes a look at each question. Touches nothing outside. */
  readonly openPrivate: () => Promise<Rampart>;
  /** Fails with `service-busy` when one runs already. */
  readonly runService: (flags: Readonly<Record<string, string>>) => Promise<RunningService>;
  /** The stdio MCP server, until its client leaves. */
  readonly runMcp: () => Promise<void>;
  readonly config: (flags: Readonly<Record<string, string>>) => Promise<ConfigView>;
  /** Tests of alert rules, as they were parsed from a file, under the configuration of this user. */
  readonly testRules: (content: unknown) => Promise<readonly RuleTestResult[]>;
  /** Stops all automatic actions. */
  readonly killSwitch: {
    readonly isStopped: () => Promise<boolean>;
    readonly stop: () => Promise<void>;
    readonly release: () => Promise<void>;
  };
  readonly clients: () => Promise<readonly string[]>;
  readonly clientEntry: (client: string, transport: 'stdio' | 'http') => Promise<ClientEntry>;
}

export interface CliContext {
  readonly deps: CliDeps;
  readonly terminal: Terminal;
  /** `--json`: the answer goes to stdout as one JSON document. */
  readonly json: boolean;
  /** Words that `Command.rest` asks for; else empty. */
  readonly rest: readonly string[];
}

interface Example {
  readonly line: string;
  readonly says: string;
}

/** One command, one file: help, manual and parser all come from this. */
export interface Command<A extends ArgsDef = ArgsDef> {
  /** Paragraphs for `--help` and the manual. */
  readonly about: readonly string[];
  readonly args: A;
  /**
   * Any number of words after the flags: `FILE…`, or, when the form begins with `--`, everything behind that. At least one
   * must be given.
   */
  readonly rest?: { readonly form: string; readonly description: string };
  readonly examples: readonly Example[];
  /** What `--json` prints; null: the command has no JSON form. */
  readonly json: string | null;
  /** Answers with the exit code. */
  run(args: ParsedArgs<A>, context: CliContext): Promise<number>;
}

/** A command whose argument types are known only to itself. */
export type AnyCommand = Omit<Command, 'run'> & {
  // Parsed by the command's own `args`, so the types agree by construction.
  run(args: ParsedArgs, context: CliContext): Promise<number>;
};

export function defineCommand<const A extends ArgsDef>(command: Command<A>): AnyCommand {
  return command as unknown as AnyCommand;
}
