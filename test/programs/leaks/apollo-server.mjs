// Apollo Server 3, "Configuring cache backends": persisted queries go into a cache without a bound unless one is given.
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
export default {
  source: 'apollographql.com, Apollo Server 3, cache backends; GHSA-8r69-3cvp-wxc3',
  packages: { leaky: 'apollo-server', fixed: 'apollo-server' },
  kind: 'v8-heap',
  perSecond: 60,
  async start({ default: { ApolloServer, gql } }, variant) {
    const home = createRequire(createRequire(import.meta.url).resolve('apollo-server'));
    const core = createRequire(home.resolve('apollo-server-core'));
    const { InMemoryLRUCache } = core('@apollo/utils.keyvaluecache');
    const server = new ApolloServer({
      typeDefs: gql`
        type User {
          id: ID
          name: String
        }
        type Query {
          user(id: ID): User
        }
      `,
      resolvers: { Query: { user: (_, { id }) => ({ id, name: `user ${id}` }) } },
      // Parsed documents would fill 30 MB for an hour.
      documentStore: null,
      ...(variant === 'fixed' ? { cache: new InMemoryLRUCache({ maxSize: 40_000 }) } : {}),
    });
    const { port } = await server.listen(0);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const post = (body) =>
      new Promise((resolve, reject) => {
        request(
          { port, host: '127.0.0.1', agent, method: 'POST', headers: { 'content-type': 'application/json' } },
          (response) => response.resume().on('end', resolve),
        )
          .on('error', reject)
          .end(JSON.stringify(body));
      });
    let n = 0;
    // A client that writes its arguments into the query instead of sending variables.
    return () => {
      n += 1;
      const users = Array.from({ length: 6 }, (_, i) => `u${i}: user(id: "${n * 6 + i}") { ...Card }`);
      const query = `query Page { ${users.join(' ')} } fragment Card on User { id name }`;
      const sha256Hash = createHash('sha256').update(query).digest('hex');
      return post({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } });
    };
  },
};
