// Style sheets, pages and tables are parsed, changed and written again.
import { parse } from 'csv-parse/sync';
import postcss from 'postcss';
export default {
  packages: { healthy: 'cheerio' },
  start({ load }) {
    const css = Array.from({ length: 100 }, (_, i) => `.c${i} > a:hover { color: #${i}a; margin: ${i}px }`).join('\n');
    const html = Array.from({ length: 100 }, (_, i) => `<li id="i${i}"><a href="/${i}">item ${i}</a></li>`).join('');
    let n = 0;
    return async () => {
      n += 1;
      const root = postcss.parse(css);
      root.walkDecls('margin', (declaration) => void (declaration.value = `${n}px`));
      root.toString();
      const page = load(`<ul>${html}</ul>`);
      page('a').each((_, a) => void page(a).attr('href', `/v${n}`));
      page.html();
      parse(Array.from({ length: 200 }, (_, i) => `${i},"row ${n}",${n * i}`).join('\n'));
    };
  },
};
