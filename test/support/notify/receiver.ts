import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
  /** What it was answered; null: nothing. */
  readonly status: number | null;
}

type Answer = (response: ServerResponse, received: Omit<Received, 'status'>) => number | null;

/** An HTTP server that remembers what it got and answers as it is told. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Ids that were answered with 2xx. */
  accepted(): string[];
  answer: Answer;
  /** Stops listening, and cuts what is open; `reopen` listens on the same port. */
  shut(): Promise<void>;
  reopen(): Promise<void>;
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end(code === 204 ? undefined : 'said so');
    return code;
  };

/** Takes the message and never answers. */
export const silence: Answer = () => null;

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const message = {
        id: String(request.headers['webhook-id'] ?? ''),
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        atMs: performance.now(),
      };
      received.push({ ...message, status: receiver.answer(response, message) });
    });
    request.on('error', () => undefined);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    accepted: () =>
      received.flatMap(({ id, status: code }) => (code !== null && code >= 200 && code < 300 ? [id] : [])),
    answer: status(204),
    async shut() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
    reopen: () => listen(port),
  };
  return receiver;
}
