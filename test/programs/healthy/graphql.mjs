// Queries parsed, checked and run against one schema, with a loader for each request.
export default {
  packages: { healthy: 'graphql' },
  async start({ buildSchema, graphql }) {
    const { default: DataLoader } = await import('dataloader');
    const schema = buildSchema(
      'type User { id: Int!, name: String!, friends: [User!]! } type Query { user(id: Int!): User }',
    );
    const user = (id, users) => ({
      id,
      name: `user ${id}`,
      friends: () => users.loadMany([id + 1, id + 2, id + 3].map((other) => other % 1000)),
    });
    let n = 0;
    return async () => {
      const users = new DataLoader(async (ids) => ids.map((id) => user(id, users)));
      const rootValue = { user: ({ id }) => users.load(id) };
      const source = `query Q${(n += 1) % 50} { user(id: ${n % 1000}) { id name friends { id name friends { name } } } }`;
      const { errors } = await graphql({ schema, source, rootValue });
      if (errors !== undefined) throw errors[0];
    };
  },
};
