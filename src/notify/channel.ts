import type { Config } from '../config/index.ts';
import type { AlertBook, Clock, Notification } from '../model/index.ts';

type Channels = Config['notifications'];

/** The groups below `notifications` in the configuration that are channels. */
export type ChannelName = {
  [K in keyof Channels]: Channels[K] extends { readonly minLevel: unknown } ? K : never;
}[keyof Channels];

export type ChannelConfig<N extends ChannelName = ChannelName> = Channels[N];

/** An open way to people or to another program. */
export interface Channel {
  /**
   * Hands over one notification, and answers in a few words what the other side said. Rejects with a `SendFailure` where
   * it can tell what kind of failure it is. Must end soon after `signal` is aborted.
   */
  send(notification: Notification, signal: AbortSignal): Promise<string>;
  /** For a receiver that forgets: tells it again what still holds, every `Traits.refreshMs`. */
  refresh?(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How the pipeline treats a channel. */
export interface Traits {
  /** Kept in the outbox until it is confirmed; else only as long as this process lives. */
  readonly durable: boolean;
  readonly timeoutMs: number;
  readonly sendResolved: boolean;
  /** What waits goes out as one after this time; 0: each by itself. */
  readonly digestMs: number;
  /** So many at once, then one in each `everyMs`. An emergency does not wait. Null: no limit. */
  readonly rate: { readonly burst: number; readonly everyMs: number } | null;
  readonly refreshMs: number | null;
}

/** The terminal of whoever runs the service by hand. */
export interface Terminal {
  write(text: string): void;
  /** Lines may be written over, and coloured. */
  readonly live: boolean;
  readonly color: boolean;
}

export interface ChannelDeps {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Name of this machine, for whoever gets messages of several. */
  readonly host: string;
  readonly book: AlertBook;
  /** Null: nobody looks. */
  readonly terminal: Terminal | null;
}

export interface ChannelDefinition<N extends ChannelName> {
  readonly name: N;
  /** One line for `rampart notify` and the docs. */
  readonly title: string;
  /** Whether the configuration asks for it. */
  wants(config: ChannelConfig<N>, deps: ChannelDeps): boolean;
  traits(config: ChannelConfig<N>): Traits;
  /** Rejects with a `RampartError` that says what is missing: then the channel is unavailable, and `doctor` shows it. */
  open(config: ChannelConfig<N>, deps: ChannelDeps): Promise<Channel>;
}

/** A channel whose configuration type is known only to itself. */
export type AnyChannel = Omit<ChannelDefinition<ChannelName>, 'wants' | 'traits' | 'open'> & {
  wants(config: ChannelConfig, deps: ChannelDeps): boolean;
  traits(config: ChannelConfig): Traits;
  open(config: ChannelConfig, deps: ChannelDeps): Promise<Channel>;
};

export function defineChannel<N extends ChannelName>(definition: ChannelDefinition<N>): AnyChannel {
  // The composition reads each channel's own group of the configuration, so the types agree by construction.
  return definition as unknown as AnyChannel;
}
