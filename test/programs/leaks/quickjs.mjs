// A sandbox for each request in WebAssembly; memory there is freed by dispose() alone.
export default {
  source: 'justjake/quickjs-emscripten, memory management',
  packages: { leaky: 'quickjs-emscripten', fixed: 'quickjs-emscripten' },
  kind: 'external',
  perSecond: 8,
  async start({ getQuickJS }, variant) {
    const quickjs = await getQuickJS();
    let n = 0;
    return async () => {
      const context = quickjs.newContext();
      context
        .unwrapResult(context.evalCode(`const rows = [...Array(50)].map((_, i) => i * ${(n += 1)}); rows.length`))
        .dispose();
      if (variant === 'fixed') context.dispose();
    };
  },
};
