// Documents to HTML, with the code in them coloured: languages are loaded when they first appear.
export default {
  packages: { healthy: 'marked' },
  async start({ marked }) {
    const { default: hljs } = await import('highlight.js');
    const languages = hljs.listLanguages();
    let n = 0;
    return () => {
      const language = languages[Math.floor(languages.length ** ((((n += 1) * 0.618034) % 1) ** 1.2)) - 1];
      const code = hljs.highlight(`if (x < ${n}) { return "y" } // ${n}`, { language, ignoreIllegals: true }).value;
      return marked.parse(
        `# Page ${n}\n\n${'Some *text* with [links](http://x.y/z). '.repeat(10)}\n\n- a\n- b\n\n${code}`,
      ).length;
    };
  },
};
