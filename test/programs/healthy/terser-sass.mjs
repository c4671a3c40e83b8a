// Scripts and style sheets are minified, one after another.
import { compileString } from 'sass';
export default {
  packages: { healthy: 'terser' },
  start({ minify }) {
    let n = 0;
    return async () => {
      n += 1;
      const code = Array.from(
        { length: 30 },
        (_, i) => `export function part${i}(first, second) { const sum = first + ${n}; return sum * second; }`,
      );
      await minify(code.join('\n'), { module: true });
      compileString(
        `$size: ${n}px; @for $i from 1 through 20 { .m-#{$i} { margin: $size * $i; &:hover { color: teal } } }`,
      );
    };
  },
};
