// A language service behind an editor: a file is edited, and its errors and completions are asked for.
export default {
  packages: { healthy: 'typescript' },
  start({ default: ts }) {
    const files = new Map();
    const text = (i, n) =>
      `export interface T${i} { id: ${n}; name: string }\n` +
      Array.from({ length: 20 }, (_, k) => `export const f${k} = (x: T${i}) => x.name.length + ${n + k};`).join('\n');
    for (let i = 0; i < 40; i += 1) files.set(`/m${i}.ts`, { version: 0, text: text(i, 0) });
    const options = { strict: true, noLib: true, target: ts.ScriptTarget.ES2022 };
    const service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [...files.keys()],
      getScriptVersion: (name) => String(files.get(name)?.version ?? 0),
      getScriptSnapshot: (name) => (files.has(name) ? ts.ScriptSnapshot.fromString(files.get(name).text) : undefined),
      getCurrentDirectory: () => '/',
      getDefaultLibFileName: () => '/lib.d.ts',
      fileExists: (name) => files.has(name),
      readFile: (name) => files.get(name)?.text,
    });
    let n = 0;
    return async () => {
      const name = `/m${(n += 1) % 40}.ts`;
      files.set(name, { version: n, text: text(n % 40, n) });
      service.getSemanticDiagnostics(name);
      service.getCompletionsAtPosition(name, 60, undefined);
    };
  },
};
