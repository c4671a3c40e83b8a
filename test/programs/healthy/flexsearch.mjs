// A search index over the newest four thousand notes: it fills for 40 s; then the oldest goes out for each that comes in.
const words =
  'memory leak heap cache index search worker thread stream buffer socket server client queue job timer'.split(' ');
export default {
  packages: { healthy: 'flexsearch' },
  perSecond: 100,
  start({ default: FlexSearch }) {
    const index = new FlexSearch.Index({ tokenize: 'strict', fastupdate: true });
    let n = 0;
    return () => {
      n += 1;
      const text = Array.from({ length: 12 }, (_, i) => words[(n * (i + 3) + i) % words.length]).join(' ');
      index.add(n, `${text} author${n % 300} day${n % 31}`);
      if (n > 4000) index.remove(n - 4000);
      if (n % 10 === 0) index.search(`${words[n % words.length]} author${n % 300}`, 10);
    };
  },
};
