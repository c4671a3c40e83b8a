// Apollo Server 4 behind its own HTTP server: a page's twenty queries with ever new variables.
export default {
  packages: { healthy: '@apollo/server' },
  async start({ ApolloServer }) {
    const { startStandaloneServer } = await import('@apollo/server/standalone');
    const server = new ApolloServer({
      typeDefs: `#graphql
        type Book { id: ID title: String author: Author }
        type Author { id: ID name: String books(first: Int): [Book] }
        type Query { author(id: ID!): Author }`,
      resolvers: {
        Query: { author: (_, { id }) => ({ id, name: `author ${id}` }) },
        Author: {
          books: ({ id }, { first }) =>
            Array.from({ length: first }, (_, i) => ({ id: `${id}.${i}`, title: `book ${i}` })),
        },
        Book: { author: ({ id }) => ({ id: id.split('.')[0], name: 'an author' }) },
      },
    });
    const { url } = await startStandaloneServer(server, { listen: { port: 0 } });
    let n = 0;
    return async () => {
      n += 1;
      const query = `query Q${n % 20}($id: ID!) { author(id: $id) { name books(first: ${(n % 20) + 1}) { title author { name } } } }`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { id: String(n) } }),
      });
      await response.json();
    };
  },
};
