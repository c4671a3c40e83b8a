import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Adds the bearer token to what a program sends that cannot send one. Everything else passes as it is; where Host or
 * Origin name this proxy they are made to name the server, and all other names go through for the server to refuse.
 */
export async function startTokenProxy(
  serverPort: number,
  token: string,
): Promise<{ port: number; stop(): Promise<void> }> {
  let port = 0;
  const proxy = createServer((incoming, outgoing) => {
    const rename = (value: string | undefined) => value?.replace(`:${port}`, `:${serverPort}`);
    const headers = { ...incoming.headers, authorization: `Bearer ${token}`, host: rename(incoming.headers.host) };
    if (incoming.headers.origin !== undefined) headers.origin = rename(incoming.headers.origin);
    const upstream = request(
      { host: '127.0.0.1', port: serverPort, method: incoming.method, path: incoming.url, headers, agent: false },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      },
    );
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  ({ port } = proxy.address() as AddressInfo);
  return {
    port,
    async stop() {
      const closed = new Promise((resolve) => proxy.close(resolve));
      proxy.closeAllConnections();
      await closed;
    },
  };
}
