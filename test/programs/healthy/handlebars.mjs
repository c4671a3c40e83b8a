// Templates compiled on first use, 400 of them by Zipf's law: code and closures come ever more seldom.
export default {
  packages: { healthy: 'handlebars' },
  perSecond: 300,
  start({ default: Handlebars }) {
    const compiled = new Map();
    let n = 0;
    return () => {
      const id = Math.floor(400 ** ((((n += 1) * 0.618034) % 1) ** 1.3));
      let template = compiled.get(id);
      if (template === undefined) {
        template = Handlebars.compile(`<p>${id} {{title}}</p>{{#each rows}}<li>{{this.name}} {{@index}}</li>{{/each}}`);
        compiled.set(id, template);
      }
      return template({ title: `page ${n}`, rows: Array.from({ length: 30 }, (_, row) => ({ name: `row ${row}` })) })
        .length;
    };
  },
};
