// Healthy: code and tables are loaded on first use, more and more seldom; then everything is warm.
export default {
  packages: { healthy: 'node:util' },
  perSecond: 500,
  start() {
    const tables = new Map();
    let n = 0;
    return () => {
      // Visits of 300 pages by Zipf's law: new ones come often at first, hardly ever later.
      const page = Math.floor(300 ** ((((n += 1) * 0.618034) % 1) ** 1.5));
      if (!tables.has(page))
        tables.set(
          page,
          Array.from({ length: 500 }, (_, id) => ({ id, page })),
        );
      return tables.get(page).length;
    };
  },
};
