import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { book, document } from './book.js';
import { worlds } from './gallery.js';

/** Writes `sw.js` with the list of everything that was built and a version that changes whenever any of it does. */
function offline(): Plugin {
  return {
    name: 'meshscope-offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const hash = createHash('sha256');
      for (const [name, file] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
        hash.update(name).update(file.type === 'chunk' ? file.code : file.source);
      }
      const page = readFileSync(new URL('index.html', import.meta.url));
      const kept = readdirSync(new URL('public', import.meta.url));
      const built = Object.keys(bundle).filter((name) => name !== 'index.html' && !name.endsWith('.map'));
      const source = readFileSync(new URL('src/sw.js', import.meta.url), 'utf8')
        .replace('__VERSION__', hash.update(page).digest('hex').slice(0, 16))
        .replace('__FILES__', JSON.stringify(['./', ...built, ...kept].sort(), undefined, 2));
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}

/** The example worlds as one file beside the scripts, asked for when it is needed. */
function gallery(): Plugin {
  return {
    name: 'meshscope-gallery',
    apply: 'build',
    resolveId: (id) => (id === 'virtual:gallery' ? `\0${id}` : undefined),
    load(id) {
      if (id !== '\0virtual:gallery') return undefined;
      const file = this.emitFile({ type: 'asset', name: 'gallery.json', source: JSON.stringify(worlds()) });
      return `export default import.meta.ROLLUP_FILE_URL_${file}`;
    },
  };
}

/** The style that shows YAML in `<mesh-scope>` before its script, beside `mesh-scope.js`. */
function fallbackStyle(): Plugin {
  return {
    name: 'meshscope-fallback-style',
    apply: 'build',
    generateBundle() {
      const source = readFileSync(new URL('../pkg/element.css', import.meta.url), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'mesh-scope.css', source });
    },
  };
}

/** The pages that explain codes and rules, for links out of the answers. */
function explanations(): Plugin {
  return {
    name: 'meshscope-book',
    apply: 'build',
    resolveId: (id) => (id === 'virtual:book' ? `\0${id}` : undefined),
    load: (id) => (id === '\0virtual:book' ? 'export default undefined;' : undefined),
    async generateBundle() {
      for (const page of await book()) this.emitFile({ type: 'asset', fileName: page.path, source: document(page) });
    },
  };
}

/** Templates without the indentation of their source: in minified scripts, lines begin inside of templates only. */
function tight(): Plugin {
  return {
    name: 'meshscope-tight',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') file.code = file.code.replace(/\n {4,}/g, '\n');
      }
    },
  };
}

/** The page's scripts are fetched together, although one asks for the other. */
function together(): Plugin {
  return {
    name: 'meshscope-together',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle, filename }) {
        if (!bundle || !filename.endsWith('/index.html')) return [];
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const first = ['index', 'playground', 'editor'];
        const wanted = new Set(
          first.flatMap((name) => chunks.filter((chunk) => chunk.name === name)).map(({ fileName }) => fileName),
        );
        for (const name of wanted) {
          for (const other of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) wanted.add(other);
        }
        return [...wanted].map((name) => ({
          tag: 'link',
          attrs: {
            rel: 'modulepreload',
            crossorigin: true,
            href: `./${name}`,
            // The answer does not wait for the editor.
            ...(name.includes('/editor-') ? { fetchpriority: 'low' } : {}),
          },
          injectTo: 'head',
        }));
      },
    },
  };
}

// Relative base: the folder works at any path, also under a docs site.
export default defineConfig({
  base: './',
  plugins: [together(), gallery(), explanations(), fallbackStyle(), tight(), offline()],
  build: {
    target: 'es2022',
    modulePreload: false, // `together` names what is wanted
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: ['index.html', 'embed.html', 'src/mesh-scope.ts'].map((name) =>
        fileURLToPath(new URL(name, import.meta.url)),
      ),
      output: {
        entryFileNames: ({ name }) => (name === 'mesh-scope' ? 'mesh-scope.js' : 'assets/[name]-[hash].js'),
      },
    },
    chunkSizeWarningLimit: 700, // scripts/build-www.sh guards the gzipped sum instead
  },
  worker: { format: 'es' },
});
