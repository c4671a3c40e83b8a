// ajv keeps what it compiles: a schema that is built for each request is compiled and kept for good. Bursts with pauses between.
export default {
  source: 'ajv.js.org, managing schemas',
  packages: { leaky: 'ajv', fixed: 'ajv' },
  kind: 'v8-heap',
  perSecond: 4,
  start({ default: Ajv }, variant) {
    const ajv = new Ajv.default();
    const properties = (maximum) => ({ id: { type: 'integer', maximum }, name: { type: 'string' } });
    const schemaOf = (maximum) => ({ type: 'object', properties: properties(maximum), required: ['id'] });
    const once = schemaOf(1000);
    let n = 0;
    let calls = 0;
    return async () => {
      for (let i = 0; i < 6; i += 1) ajv.compile(variant === 'fixed' ? once : schemaOf((n += 1)))({ id: 1, name: 'x' });
      if ((calls += 1) % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 1500));
    };
  },
};
