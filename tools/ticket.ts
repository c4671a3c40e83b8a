import { randomUUID } from 'node:crypto';
import type { ToolContext } from '../src/faces/mcp/define-tool.ts';

/** Makes a long call under a ticket, and hands its progress on to a client that asked for it. */
export async function ticketed<Result>(
  { rampart, report }: ToolContext,
  ask: (ticket: string | undefined) => Promise<Result>,
): Promise<Result> {
  if (report === null) return ask(undefined);
  const ticket = randomUUID();
  const stop = await rampart.subscribe((event) => {
    if (event.type === 'progress' && event.ticket === ticket) report(event);
  });
  try {
    return await ask(ticket);
  } finally {
    stop();
  }
}
