// Style sheets with variables and mixins, compiled again and again.
export default {
  packages: { healthy: 'less' },
  start({ default: less }) {
    let n = 0;
    return async () => {
      n += 1;
      const rules = Array.from(
        { length: 40 },
        (_, i) => `.c${i} { .box(${n + i}px); &:hover { color: darken(@main, ${i % 20}%) } }`,
      );
      await less.render(`@main: #3${n % 10}a; .box(@size) { width: @size; height: @size * 2 }\n${rules.join('\n')}`);
    };
  },
};
