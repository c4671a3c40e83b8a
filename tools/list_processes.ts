import * as z from 'zod';
import { defineTool } from '../src/faces/mcp/define-tool.ts';
import { processRow } from './rows.ts';
import { DETAIL, ProcessRow, shortText } from './shapes.ts';
import { call, plural } from './words.ts';

export const listProcesses = defineTool({
  name: 'list_processes',
  title: 'List processes',
  description:
    'Processes, largest first: agents, their MCP servers, wrappers and tools; what ended sessions left behind (orphan).',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    match: shortText.optional().describe('in name or command'),
    session: shortText.optional().describe('session id'),
    role: z.enum(['agent', 'server', 'wrapper', 'tool', 'other']).optional().describe('kind'),
    verdict: z
      .enum(['busy', 'idle', 'retained', 'duplicate', 'stale', 'orphan', 'zombie', 'unknown'])
      .optional()
      .describe('state'),
    sort: z.enum(['memory', 'rss', 'cpu', 'age']).default('memory').describe('order'),
    limit: z.int().min(1).max(100).default(15).describe('page size'),
    cursor: shortText.optional().describe('nextCursor'),
    detail: DETAIL,
  }),
  output: z.object({
    atMs: z.number(),
    total: z.number().describe('all that match, on every page'),
    processes: z.array(ProcessRow),
  }),
  handler: async ({ session, detail, ...query }, { rampart }) => {
    const sessionId = session?.replace(/^session:/, '');
    const page = await rampart.listProcesses({ ...query, sessionId });
    const processes = page.processes.map((process) => processRow(process, detail));
    const largest = processes[0];
    return {
      summary: `${plural(page.total, 'match', 'matches')}, ${processes.length} shown, by ${query.sort}.`,
      data: { atMs: page.atMs, total: page.total, processes },
      next: [
        ...(page.nextCursor === null ? [] : ['the same call with cursor=nextCursor: the next page']),
        ...(largest === undefined
          ? [call('memory_status', { target: 'host' }, 'nothing matches; see which sessions run')]
          : [call('memory_status', { target: largest.id, detail: 'detailed' }, 'the first of these, with evidence')]),
      ],
      nextCursor: page.nextCursor ?? undefined,
    };
  },
});
