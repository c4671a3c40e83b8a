// SQLite in WebAssembly: rows come and go, the database file stays of one size.
export default {
  packages: { healthy: 'sql.js' },
  async start({ default: open }) {
    const database = new (await open()).Database();
    database.run('CREATE TABLE event (id INTEGER PRIMARY KEY, body TEXT); CREATE INDEX by_body ON event (body)');
    const insert = database.prepare('INSERT INTO event VALUES (?, ?)');
    let n = 0;
    return () => {
      insert.run([(n += 1), `event ${n % 977} ${'x'.repeat(100)}`]);
      if (n % 100 === 0) database.run('DELETE FROM event WHERE id < ?', [n - 5000]);
      if (n % 50 === 0) database.exec(`SELECT body, count(*) FROM event WHERE id > ${n - 200} GROUP BY body`);
    };
  },
};
