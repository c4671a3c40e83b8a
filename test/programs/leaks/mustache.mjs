// janl/mustache.js: each text that is rendered is parsed and kept; a text that holds data is a new one each time.
export default {
  source: 'janl/mustache.js, templateCache',
  packages: { leaky: 'mustache', fixed: 'mustache' },
  kind: 'v8-heap',
  perSecond: 25,
  start({ default: Mustache }, variant) {
    if (variant === 'fixed') Mustache.templateCache = undefined;
    let n = 0;
    return async () =>
      void Mustache.render(`Dear customer ${(n += 1)}, {{#items}}<li>{{name}}: {{price}}</li>{{/items}}`, {
        items: [{ name: 'pen', price: n }],
      });
  },
};
