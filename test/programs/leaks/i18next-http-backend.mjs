// i18next/i18next-http-backend#150: on a server each instance reloads itself by an interval that is never cleared.
export default {
  source: 'i18next/i18next-http-backend#150',
  packages: { leaky: 'i18next-http-backend', fixed: 'i18next-http-backend' },
  kind: 'v8-heap',
  perSecond: 8,
  async start({ default: Backend }, variant) {
    const { default: i18next } = await import('i18next');
    const texts = JSON.stringify(
      Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key${i}`, `Text ${i} for {{name}}`])),
    );
    let n = 0;
    // Server-side rendering: an instance for each request.
    return async () => {
      const instance = i18next.createInstance();
      await instance.use(Backend).init({
        lng: 'en',
        fallbackLng: 'en',
        backend: {
          loadPath: '/locales/{{lng}}/{{ns}}.json',
          request: (_options, _url, _payload, callback) => setImmediate(callback, null, { status: 200, data: texts }),
          ...(variant === 'fixed' ? { reloadInterval: false } : {}),
        },
      });
      return instance.t('key7', { name: `user ${(n += 1)}` });
    };
  },
};
