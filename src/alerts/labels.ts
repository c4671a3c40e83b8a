import type { AlertSubject, ObservedProcess, ObservedSession } from '../model/index.ts';

/** Labels and subjects that several rules make in the same way. A label that is not known is left out. */

export const HOST: AlertSubject = { kind: 'host', id: 'host', name: 'host' };
export const HOST_GROUP = 'host';
/** How slow the machine is, is another matter than how full it is: who was told of one has not heard of the other. */
export const PRESSURE_GROUP = 'host:pressure';

export const sessionGroup = (sessionId: string): string => `session:${sessionId}`;

/** What belongs to a session goes out with it; what does not, by what runs. */
export const processGroup = ({ sessionId, experience }: ObservedProcess): string =>
  sessionId === null ? `program:${experience}` : sessionGroup(sessionId);

export const processSubject = ({ id, name }: ObservedProcess): AlertSubject => ({ kind: 'process', id, name });

export const sessionSubject = ({ sessionId, name, client }: ObservedSession): AlertSubject => ({
  kind: 'session',
  id: sessionId,
  name: name ?? client,
});

export function processLabels(process: ObservedProcess): Record<string, string> {
  return known({
    process: process.id,
    role: process.role,
    runtime: process.runtime,
    client: process.client,
    session: process.sessionId,
    server: process.serverName,
    experience: process.experience,
  });
}

export const sessionLabels = ({ sessionId, client }: ObservedSession): Record<string, string> => ({
  session: sessionId,
  client,
});

export function known(labels: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null));
}
