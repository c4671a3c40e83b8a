// Pages from templates that are parsed anew each time, with a cache of a thousand.
export default {
  packages: { healthy: 'liquidjs' },
  perSecond: 300,
  start({ Liquid }) {
    const engine = new Liquid({ cache: 1000 });
    let n = 0;
    return async () =>
      void (await engine.parseAndRender(
        `<p>${(n += 1) % 50}</p>{% for row in rows %}{{ row.name | upcase }}{% endfor %}`,
        {
          rows: Array.from({ length: 20 }, (_, i) => ({ name: `row ${i}` })),
        },
      ));
  },
};
