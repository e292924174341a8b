import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { book } from './book.js';
import { worlds } from './gallery.js';

// The playground as one file that works from disk: scripts, styles, the worker, the engine and the examples inside. There
// is no address to load anything from, so everything that has one becomes a `data:` or `blob:` URL.

const icon = `data:image/svg+xml;base64,${readFileSync(new URL('public/favicon.svg', import.meta.url)).toString('base64')}`;

/** The worker, the examples and the pages that explain as parts of the script. */
function inside(): Plugin {
  return {
    name: 'meshscope-inside',
    enforce: 'pre',
    resolveId: (id) => (id === 'virtual:gallery' || id === 'virtual:book' ? `\0${id}` : undefined),
    async load(id) {
      // Everything is here at once: there is nothing to begin early and no server to do without.
      if (id.endsWith('/www/src/main.ts')) return "import 'meshscope/element';\nimport './playground.js';";
      if (id === '\0virtual:book') {
        const pages = Object.fromEntries((await book()).map(({ path, html }) => [path, html]));
        return `export default ${JSON.stringify(pages)};`;
      }
      if (id !== '\0virtual:gallery') return undefined;
      const data = Buffer.from(JSON.stringify(worlds())).toString('base64');
      return `export default 'data:application/json;base64,${data}';`;
    },
    transform(code, id) {
      if (id.endsWith('/pkg/dist/client.js')) {
        const made =
          /new Worker\(\s*new URL\((["'`])\.\/worker\.js\1,\s*import\.meta\.url\),\s*\{\s*type:\s*(["'`])module\2,?\s*\}\s*\)/;
        if (!made.test(code)) this.error('the client makes its worker in another way than this build knows');
        return `import InlineWorker from './worker.js?worker&inline';\n${code.replace(made, 'new InlineWorker()')}`;
      }
      if (id.endsWith('/pkg/dist/element/scope.js')) {
        const later = /import\([`'"]\.\/editor\.js[`'"]\)/;
        if (!later.test(code)) this.error('the element loads its editor in another way than this build knows');
        return `import './editor.js';\n${code.replace(later, 'Promise.resolve()')}`;
      }
      if (!id.includes('/www/src/')) return undefined;
      return code.replaceAll('./favicon.svg', icon);
    },
  };
}

/** Puts script and style into the page, and names them in its policy by their hashes. */
function oneFile(): Plugin {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return {
    name: 'meshscope-one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const page = files.find((file) => file.type === 'asset' && file.fileName.endsWith('.html'));
      const scripts = files.filter((file) => file.type === 'chunk');
      const styles = files.filter((file) => file.type === 'asset' && file.fileName.endsWith('.css'));
      const rest = files.filter(
        (file) => file !== page && !scripts.some((s) => s === file) && !styles.some((s) => s === file),
      );
      const [script] = scripts;
      if (page?.type !== 'asset' || !script || scripts.length > 1 || rest.length > 0) {
        return this.error(`one page and one script are expected, not ${files.map((file) => file.fileName).join(', ')}`);
      }
      // Inside a script element `</script` would end it; in JavaScript text `<\/script` is the same.
      const code = `\n${script.code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')}`;
      const style = styles.map((file) => (file.type === 'asset' ? String(file.source) : '')).join('\n');
      const policy = [
        "default-src 'none'",
        `script-src ${hash(code)} 'wasm-unsafe-eval'`,
        `style-src ${hash(style)}`,
        'worker-src blob:',
        'connect-src data: blob:',
        'img-src data:',
        "base-uri 'none'",
        "form-action 'none'",
      ].join('; ');
      let html = String(page.source);
      const put = (pattern: RegExp, text: string): void => {
        if (!pattern.test(html)) this.error(`the page has nothing that fits ${pattern}`);
        html = html.replace(pattern, () => text);
      };
      put(/(?<=http-equiv="Content-Security-Policy"\s+content=")[^"]*/, policy);
      html = html
        .replace(/\s*<script type="module"[^>]*><\/script>/g, '')
        .replace(/\s*<link rel="stylesheet"[^>]*>/g, '');
      html = html.replace(/(?<=<link rel="icon" href=")[^"]*/, icon);
      put(/\s*<\/head>/, `\n    <style>${style}</style>\n  </head>`);
      put(/\s*<\/body>/, `\n    <script type="module">${code}</script>\n  </body>`);
      for (const name of Object.keys(bundle)) delete bundle[name];
      this.emitFile({ type: 'asset', fileName: 'meshscope.html', source: html });
    },
  };
}

export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [inside(), oneFile()],
  build: {
    target: 'es2022',
    outDir: 'single',
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: {
      input: fileURLToPath(new URL('index.html', import.meta.url)),
      output: { codeSplitting: false },
    },
  },
  // From disk Chromium starts no module workers.
  worker: { format: 'iife' },
});
