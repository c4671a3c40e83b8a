// vuejs/core#5208 and until 3.5: a computed of one request stays subscribed to a store that outlives it.
export default {
  source: 'vuejs/core#5208',
  packages: { leaky: 'vue-reactivity-leaky', fixed: 'vue-reactivity-fixed' },
  kind: 'v8-heap',
  perSecond: 150,
  start({ default: { reactive, computed } }) {
    const store = reactive({ locale: 'en', prices: [1, 2, 3] });
    return () => {
      const title = computed(() => `${store.locale}: ${store.prices.length}`);
      return title.value.length;
    };
  },
};
