// Archives are packed and read again, a few hundred KB each.
export default {
  packages: { healthy: 'jszip' },
  perSecond: 8,
  start({ default: JSZip }) {
    let n = 0;
    return async () => {
      const zip = new JSZip();
      for (let i = 0; i < 10; i += 1) zip.file(`part-${i}.txt`, `line ${(n += 1)}\n`.repeat(3000));
      const bytes = await zip.generateAsync({ type: 'nodebuffer', compression: 'DEFLATE' });
      await (await JSZip.loadAsync(bytes)).file('part-3.txt').async('string');
    };
  },
};
