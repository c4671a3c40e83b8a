// Stack traces of browsers mapped back: a SourceMapConsumer keeps its mappings in WebAssembly until destroy().
export default {
  source: 'mozilla/source-map, SourceMapConsumer.prototype.destroy()',
  packages: { leaky: 'source-map', fixed: 'source-map' },
  kind: 'external',
  perSecond: 6,
  start({ default: { SourceMapConsumer, SourceMapGenerator } }, variant) {
    const generator = new SourceMapGenerator({ file: 'bundle.js' });
    for (let i = 0; i < 1500; i += 1)
      generator.addMapping({
        source: `src/module-${i % 40}.ts`,
        original: { line: (i % 300) + 1, column: i % 60 },
        generated: { line: 1, column: i * 7 },
        name: `function${i % 200}`,
      });
    const map = generator.toJSON();
    return async () => {
      const consumer = await new SourceMapConsumer(map);
      const frames = Array.from({ length: 10 }, (_, i) => consumer.originalPositionFor({ line: 1, column: i * 700 }));
      if (variant === 'fixed') consumer.destroy();
      return frames.length;
    };
  },
};
