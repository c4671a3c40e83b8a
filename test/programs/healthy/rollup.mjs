// A bundler that builds again and again, with its cache, as in watch mode.
export default {
  packages: { healthy: 'rollup' },
  start({ rollup }) {
    const modules = new Map(
      Array.from({ length: 200 }, (_, i) => [
        `m${i}`,
        `${i < 199 ? `import { f as g } from 'm${i + 1}';` : 'const g = () => 0;'} export const f = () => g() + ${i}; export const unused = 'x${i}';`,
      ]),
    );
    modules.set('entry', "import { f } from 'm0'; console.log(f());");
    const plugin = {
      name: 'virtual',
      resolveId: (id) => (modules.has(id) ? id : null),
      load: (id) => modules.get(id) ?? null,
    };
    let cache;
    let n = 0;
    return async () => {
      modules.set('m50', modules.get('m50').replace(/x\d+/, `x${(n += 1)}`));
      const bundle = await rollup({ input: 'entry', plugins: [plugin], cache });
      cache = bundle.cache;
      const { output } = await bundle.generate({ format: 'es' });
      await bundle.close();
      return output[0].code.length;
    };
  },
};
