import { CLIENT_INFO_META_KEY, McpServer } from '@modelcontextprotocol/server';
import type { McpServerOptions, ServerContext, StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { Caller, Rampart } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';
import type { JsonObject } from './catalog.ts';
import { ask, confirmationOf, REQUEST_STATE } from './confirm.ts';
import type { AnyTool, ToolContext } from './define-tool.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { CAPABILITIES, INSTRUCTIONS, LIST_CACHE, SERVER_INFO, TOOL_CATALOG } from './identity.ts';
import { registerResources } from './resources.ts';
import { toErrorResult, toResult } from './result.ts';

export interface McpServerDeps {
  /** Called on the first real use, never at start-up; it may be called often and should answer from a cache. */
  readonly rampart: () => Promise<Rampart>;
  /** Who is at the other end, as far as the transport knows; `clientName` is filled in from each request. */
  readonly caller: Caller | ((context: ServerContext) => Promise<Caller>);
  /** Shared by the servers of one process, so that ten subscribers cost one watch. */
  readonly feeds?: Feeds;
  readonly nowMs?: () => number;
  /** For tools that ask back: how state that travels through the client is verified. */
  readonly requestState?: NonNullable<McpServerOptions['requestState']>;
  /** Adds to what is registered; the conformance fixture mounts its tools here. */
  readonly extend?: (server: McpServer) => void;
}

/** The tools' code and schemas come with the first call; `tools/list` is answered from the catalog. */
const loadTool = async (name: string): Promise<AnyTool> => {
  const { TOOLS } = await import('../../../tools/index.ts');
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`tools/catalog.json lists ${name}, tools/index.ts does not`);
  return tool;
};

/**
 * The one server factory, for stdio and for HTTP, for both protocol eras. It does nothing but register: no file, no
 * timer, no socket, because some clients start a server only to look at it.
 */
export function createMcpServer(deps: McpServerDeps): McpServer {
  const { rampart, nowMs = Date.now, feeds = createFeeds(rampart) } = deps;
  const mcp = new McpServer(
    { ...SERVER_INFO },
    {
      instructions: INSTRUCTIONS,
      capabilities: { ...CAPABILITIES },
      cacheHints: {
        'tools/list': LIST_CACHE,
        'resources/list': LIST_CACHE,
        'resources/templates/list': LIST_CACHE,
        'server/discover': LIST_CACHE,
      },
      requestState: deps.requestState ?? REQUEST_STATE,
    },
  );
  for (const entry of TOOL_CATALOG) {
    mcp.registerTool(
      entry.name,
      {
        title: entry.title,
        description: entry.description,
        annotations: { ...entry.annotations },
        inputSchema: lazySchema(entry.inputSchema, async () => (await loadTool(entry.name)).input),
        outputSchema: lazySchema(entry.outputSchema, async () => {
          const { envelope } = await import('./catalog.ts');
          return envelope((await loadTool(entry.name)).output);
        }),
      },
      async (input, context) => {
        try {
          const tool = await loadTool(entry.name);
          const caller = () => callerOf(deps.caller, mcp, context);
          const confirmation = confirmationOf(mcp, context);
          const answer = await tool.handler(input as never, {
            rampart: await rampart(),
            caller,
            nowMs: nowMs(),
            confirmation,
            report: reporterOf(context),
          });
          return 'ask' in answer ? await ask(answer.ask, context) : toResult(answer);
        } catch (cause) {
          return toErrorResult(cause);
        }
      },
    );
  }
  registerResources(mcp, rampart, feeds);
  deps.extend?.(mcp);
  return mcp;
}

/** A schema that shows its JSON form at once and is built when something has to be checked. */
function lazySchema(
  json: JsonObject,
  build: () => Promise<StandardSchemaWithJSON>,
): StandardSchemaWithJSON<unknown, Readonly<Record<string, unknown>>> {
  return {
    '~standard': {
      version: 1,
      vendor: 'rampart',
      validate: async (value) => (await build())['~standard'].validate(value) as never,
      jsonSchema: { input: () => ({ ...json }), output: () => ({ ...json }) },
    },
  };
}

/** Progress notifications, for clients that sent a token for them. The figures must grow: only steps forward are told. */
function reporterOf({ mcpReq }: ServerContext): ToolContext['report'] {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return null;
  let last = -1;
  return ({ done, total, message }) => {
    if (done <= last) return;
    last = done;
    const params = { progressToken, progress: done, message: sanitise(message), ...(total === null ? {} : { total }) };
    // A client that has gone is told nothing more; its call ends by itself.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}

async function callerOf(known: McpServerDeps['caller'], mcp: McpServer, context: ServerContext): Promise<Caller> {
  const caller = typeof known === 'function' ? await known(context) : known;
  // Since 2026-07-28 each request names its client; before that the handshake did, once.
  const envelope = context.mcpReq.envelope as Readonly<Record<string, { name?: unknown } | undefined>> | undefined;
  const name = envelope?.[CLIENT_INFO_META_KEY]?.name ?? mcp.server.getClientVersion()?.name;
  return { ...caller, clientName: typeof name === 'string' ? sanitise(name) : caller.clientName };
}
