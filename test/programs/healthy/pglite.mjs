// Postgres in WebAssembly: a session table of at most two thousand rows, written over and over and vacuumed.
export default {
  packages: { healthy: '@electric-sql/pglite' },
  perSecond: 60,
  async start({ PGlite }) {
    const db = new PGlite();
    await db.exec(
      'create table sessions (id int primary key, seen int, basket jsonb); create index on sessions (seen)',
    );
    let n = 0;
    return async () => {
      n += 1;
      await db.query('insert into sessions values ($1, $2, $3) on conflict (id) do update set seen = $2, basket = $3', [
        (n * 7919) % 2000,
        n,
        JSON.stringify(Array.from({ length: 20 }, (_, i) => ({ article: i, pieces: n % 9 }))),
      ]);
      if (n % 20 === 0)
        await db.query('select id, basket from sessions where seen > $1 order by seen limit 50', [n - 100]);
      if (n % 200 === 0) await db.exec('vacuum sessions');
    };
  },
};
