import { randomBytes, randomUUID } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type McpServer,
  type McpServerOptions,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Confirmation, ToolQuestion } from './define-tool.ts';

/**
 * Asking the user back, in both eras: one `inputRequired` answer, which the library turns into an elicitation where the
 * client is of the handshake era. What travels through the client is the number of the question and nothing else, signed
 * with a key of this process; the token stays here.
 */

const codec = createRequestStateCodec<{ readonly question: string }>({ key: new Uint8Array(randomBytes(32)) });

export const REQUEST_STATE: NonNullable<McpServerOptions['requestState']> = {
  verify: (state, context) => codec.verify(state, context),
};

const KEY = 'confirm';
/** Questions that nobody answers make room for new ones; a plan expires by itself after five minutes. */
const MOST_OPEN = 64;
const open = new Map<string, string>();

/** What this request knows of the user's word. */
export function confirmationOf(mcp: McpServer, context: ServerContext): Confirmation {
  return { canAsk: canAsk(mcp, context), answer: answerIn(context) };
}

function canAsk(mcp: McpServer, context: ServerContext): boolean {
  // Since 2026-07-28 each request says what its client can; before that the handshake did, once.
  const envelope = context.mcpReq.envelope as Readonly<Record<string, unknown>> | undefined;
  const named = envelope?.[CLIENT_CAPABILITIES_META_KEY] as { elicitation?: unknown } | undefined;
  const elicitation = (named ?? mcp.server.getClientCapabilities())?.elicitation as
    | { form?: unknown; url?: unknown }
    | undefined;
  // `{}` is the form of the revision before there were two kinds.
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

function answerIn(context: ServerContext): Confirmation['answer'] {
  const view = inputResponse(context.mcpReq.inputResponses, KEY);
  if (view.kind !== 'elicit') return null;
  const question = context.mcpReq.requestState<{ readonly question?: unknown } | undefined>()?.question;
  const token = typeof question === 'string' ? open.get(question) : undefined;
  if (typeof question !== 'string' || token === undefined) return { accepted: false, token: null };
  open.delete(question);
  return { accepted: view.action === 'accept' && view.content?.['confirm'] === true, token };
}

/** The question as the protocol carries it. */
export async function ask({ message, title, token }: ToolQuestion['ask'], context: ServerContext) {
  const question = randomUUID();
  open.set(question, token);
  for (const oldest of open.keys()) {
    if (open.size <= MOST_OPEN) break;
    open.delete(oldest);
  }
  return inputRequired({
    inputRequests: {
      [KEY]: inputRequired.elicit({
        message,
        requestedSchema: {
          type: 'object',
          properties: { confirm: { type: 'boolean', title, description: 'Only true lets it happen.' } },
          required: ['confirm'],
        },
      }),
    },
    requestState: await codec.mint({ question }, context),
  });
}
