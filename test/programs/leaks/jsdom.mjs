// A page with a timer lives until its window is closed.
export default {
  source: 'jsdom/jsdom, closing down a jsdom',
  packages: { leaky: 'jsdom', fixed: 'jsdom' },
  kind: 'v8-heap',
  perSecond: 1,
  start({ JSDOM }, variant) {
    return async () => {
      const { window } = new JSDOM('<ul><li>one</li></ul><script>setInterval(() => 1, 60_000)</script>', {
        runScripts: 'dangerously',
      });
      window.document.querySelector('ul').innerHTML += '<li>two</li>';
      if (variant === 'fixed') window.close();
    };
  },
};
