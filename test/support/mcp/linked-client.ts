import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { createMcpServer } from '../../../src/faces/mcp/server.ts';
import type { McpServerDeps } from '../../../src/faces/mcp/server.ts';

export const CALLER = { face: 'stdio', pid: 4711, sessionId: null, clientName: null } as const;

/** A client of the handshake era on a server of ours, without a process between them. */
export async function linkedClient(deps: Partial<McpServerDeps> & Pick<McpServerDeps, 'rampart'>): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await createMcpServer({ caller: CALLER, ...deps }).connect(ours);
  const client = new Client({ name: 'test-client', version: '1' });
  await client.connect(theirs);
  return client;
}

/** The two texts of an answer and its structured form. */
export interface Called {
  readonly isError: boolean;
  readonly text: string;
  readonly json: Record<string, never> & {
    data: Record<string, never>;
    summary: string;
    next: string[];
    nextCursor?: string;
  };
}

export async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Called> {
  const result = await client.callTool({ name, arguments: args });
  const text = result.content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
  return { isError: result.isError === true, text, json: result.structuredContent as Called['json'] };
}
