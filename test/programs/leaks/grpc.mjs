// grpc/grpc-node#1941: a client that made a call and was closed leaves its channel behind.
export default {
  source: 'grpc/grpc-node#1941',
  packages: { leaky: 'grpc-leaky', fixed: 'grpc-fixed' },
  kind: 'v8-heap',
  perSecond: 120,
  async start({ default: grpc }) {
    const same = (bytes) => bytes;
    const service = {
      echo: {
        path: '/test/echo',
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    };
    const server = new grpc.Server();
    server.addService(service, { echo: (call, reply) => reply(null, call.request) });
    const port = await new Promise((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    server.start();
    const Client = grpc.makeGenericClientConstructor(service, 'test');
    return () =>
      new Promise((resolve, reject) => {
        const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
        client.echo(Buffer.from('a'), (error) => {
          client.close();
          if (error) reject(error);
          else resolve();
        });
      });
  },
};
