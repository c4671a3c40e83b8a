import type { ProcessFacts } from '../model/index.ts';
import { AGENTS } from './catalogue.ts';
import { isShell, readCommand, type Command } from './command.ts';
import type { AgentDefinition, AgentMatch } from './define-agent.ts';
import { saysMcp, serverName, wrapperOf, type Wrapper } from './mcp-server.ts';

/** What a process is by its own facts alone: worked out once per process, kept until its facts change. */
export interface OwnKind {
  readonly command: Command;
  readonly agent: { readonly definition: AgentDefinition; readonly match: AgentMatch } | null;
  readonly wrapper: Wrapper | null;
  readonly serverName: string;
  readonly saysMcp: boolean;
  /**
   * Hands its own, first environment and its life to whatever runs in it: terminals, multiplexers, editors, logins,
   * supervisors. What an agent's id in the environment says ends here.
   */
  readonly host: boolean;
  readonly interactiveShell: boolean;
}

const HOST =
  /^(?:tmux|screen|zellij|abduco|dtach|sshd(?:-session)?|login|su|code|code-insiders|codium|cursor|windsurf|zed|gnome-terminal-?|gnome-terminal-server|konsole|kitty|alacritty|wezterm-gui|wezterm-mux-server|xterm|ghostty|foot|terminator|tilix|ptyxis|systemd|init|launchd|supervisord|pm2|dockerd|containerd|containerd-shim.*|cron|crond|emacs)$/;
const HOST_TITLE = /^(?:tmux: (?:server|client)|SCREEN|PM2 v[\d.]+: God Daemon)/;

export function ownKind(facts: ProcessFacts): OwnKind {
  const command = readCommand(facts);
  let agent: OwnKind['agent'] = null;
  for (const definition of AGENTS) {
    const match = definition.matches(facts, command);
    if (match !== null) {
      agent = { definition, match };
      break;
    }
  }
  const host = HOST.test(command.program) || HOST_TITLE.test(facts.comm) || HOST_TITLE.test(facts.argv[0] ?? '');
  return {
    command,
    agent: host ? null : agent,
    wrapper: wrapperOf(command),
    serverName: serverName(command),
    saysMcp: saysMcp(command),
    host,
    interactiveShell: isShell(command.program) && command.shellText === null && command.script === null,
  };
}
