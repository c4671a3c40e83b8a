// Runs one program: `node run.mjs leaks/zod leaky [seconds]`. A leaky one and its fixed twin do the same work at the same
// rate (`perSecond`, about 1 MB/s of leak); without a rate it works on about half a core, like a busy server.
const [, , program = '', variant = 'healthy', seconds = '60'] = process.argv;
const { default: definition } = await import(`./${program}.mjs`);
const name = definition.packages[variant];
if (name === undefined)
  throw new Error(`${program} has no variant ${variant}; it has ${Object.keys(definition.packages).join(', ')}`);
const operate = await definition.start(await import(name), variant);

const startMs = performance.now();
const endMs = startMs + Number(seconds) * 1000;
const due = () => ((performance.now() - startMs) / 1000) * (definition.perSecond ?? Infinity);
let operations = 0;
while (performance.now() < endMs) {
  const sliceMs = performance.now() + 10;
  while (performance.now() < sliceMs && operations < due()) {
    await operate();
    operations += 1;
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
}
globalThis.gc?.();
globalThis.gc?.();
process.stdout.write(
  `${JSON.stringify({ program, variant, operations, heapUsedBytes: process.memoryUsage().heapUsed, rssBytes: process.memoryUsage.rss() })}\n`,
);
// What leaks must still be reachable when it is measured.
process.exit(typeof operate === 'function' ? 0 : 1);
