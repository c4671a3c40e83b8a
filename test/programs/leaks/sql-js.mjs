// sql.js README: a prepared statement that is not freed stays in WebAssembly memory.
export default {
  source: 'sql.js README, "free the memory used by the statement"',
  packages: { leaky: 'sql.js', fixed: 'sql.js' },
  perSecond: 400,
  async start({ default: open }, variant) {
    const SQL = await open();
    const database = new SQL.Database();
    database.run('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)');
    for (let i = 0; i < 500; i += 1) database.run('INSERT INTO user VALUES (?, ?)', [i, `name ${i}`]);
    let n = 0;
    return () => {
      const statement = database.prepare('SELECT * FROM user WHERE id = $id');
      statement.getAsObject({ $id: (n += 1) % 500 });
      if (variant === 'fixed') statement.free();
    };
  },
};
