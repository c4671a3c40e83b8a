// A compiler kept warm: ever other components, compiled for the server and the browser in turns.
export default {
  packages: { healthy: 'svelte/compiler' },
  start({ compile }) {
    let n = 0;
    return async () => {
      n += 1;
      const rows = Array.from(
        { length: (n % 12) + 3 },
        (_, i) =>
          `{#if count > ${i}}<li class:odd={${i} % 2} onclick={() => (count += ${i})}>{title} ${i}.${n}</li>{/if}`,
      );
      const source = `<script>
        let { title = 'list ${n}', start = ${n % 5} } = $props();
        let count = $state(start);
        let double = $derived(count * 2);
        $effect(() => { document.title = title + double; });
      </script>
      <ul>${rows.join('\n')}</ul>
      <style>ul { color: red } .odd { color: rgb(${n % 255} 0 0) }</style>`;
      return compile(source, { name: `Component${n % 50}`, generate: n % 2 ? 'server' : 'client' }).js.code.length;
    };
  },
};
