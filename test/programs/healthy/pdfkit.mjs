// Invoices as PDF, streamed.
export default {
  packages: { healthy: 'pdfkit' },
  perSecond: 15,
  start({ default: PDFDocument }) {
    let n = 0;
    return () =>
      new Promise((resolve) => {
        const document = new PDFDocument({ size: 'A4' });
        document.on('data', () => undefined).on('end', resolve);
        for (let i = 0; i < 40; i += 1) document.fontSize(10).text(`Position ${i} of invoice ${(n += 1)}: pen, 1.19`);
        document.end();
      });
  },
};
