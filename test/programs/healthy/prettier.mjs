// A formatter as an editor uses it.
export default {
  packages: { healthy: 'prettier' },
  start(prettier) {
    let n = 0;
    return async () => {
      n += 1;
      const lines = Array.from(
        { length: 60 },
        (_, i) => `export  const v${i}=(a,b)=>{return {a,b:[${n},${i}],c:a?b:null}}`,
      );
      await prettier.format(lines.join('\n'), { parser: 'babel' });
    };
  },
};
