// Styles made of values: @emotion/css registers each new one for good. Fixed: an instance for each page, whose own list of
// plugins keeps it apart from the cache of rules that all others share.
export default {
  source: '@emotion/cache, serverStylisCache and inserted',
  packages: { leaky: '@emotion/css', fixed: '@emotion/css' },
  kind: 'v8-heap',
  perSecond: 30,
  async start({ css }, variant) {
    const { default: createEmotion } = await import('@emotion/css/create-instance');
    let n = 0;
    return async () => {
      const styled = variant === 'fixed' ? createEmotion({ key: 'page', stylisPlugins: [] }) : { css };
      for (let i = 0; i < 3; i += 1) styled.css({ width: `${(n += 1)}px`, color: 'teal', display: 'flex' });
    };
  },
};
