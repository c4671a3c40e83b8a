// Charts drawn as SVG and rendered to PNG in WebAssembly, each freed after it was sent.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
export default {
  packages: { healthy: '@resvg/resvg-wasm' },
  async start({ initWasm, Resvg }) {
    await initWasm(readFileSync(fileURLToPath(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm'))));
    let n = 0;
    return async () => {
      n += 1;
      const bars = Array.from(
        { length: 60 },
        (_, i) =>
          `<rect x="${i * 8}" y="${(i * n) % 200}" width="6" height="200" fill="hsl(${(i * 6 + n) % 360} 60% 50%)"/>`,
      );
      const chart = new Resvg(
        `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="240">${bars.join('')}</svg>`,
      );
      const image = chart.render();
      const { length } = image.asPng();
      image.free();
      chart.free();
      return length;
    };
  },
};
