// Mails from a dozen templates with filters and inheritance.
export default {
  packages: { healthy: 'nunjucks' },
  start({ default: nunjucks }) {
    const environment = new nunjucks.Environment(null, { autoescape: true });
    environment.addFilter('euro', (value) => `${value.toFixed(2)} €`);
    const templates = Array.from(
      { length: 12 },
      (_, i) =>
        new nunjucks.Template(
          `Mail ${i}: {% for row in rows %}{{ row.name | upper }} {{ row.price | euro }}{% endfor %}`,
          environment,
        ),
    );
    let n = 0;
    return async () =>
      void templates[(n += 1) % 12].render({
        rows: Array.from({ length: 30 }, (_, i) => ({ name: `item ${n + i}`, price: n })),
      });
  },
};
