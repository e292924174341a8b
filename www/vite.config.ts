import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';
import { diagnosticsPage } from './diagnostics.js';

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
  const folder = new URL('../gallery/', import.meta.url);
  return {
    name: 'meshscope-gallery',
    apply: 'build',
    resolveId: (id) => (id === 'virtual:gallery' ? `\0${id}` : undefined),
    load(id) {
      if (id !== '\0virtual:gallery') return undefined;
      const worlds = readdirSync(folder).map((world) => {
        const read = (name: string): string => readFileSync(new URL(`${world}/${name}`, folder), 'utf8');
        const { title, lesson, view, files } = JSON.parse(read('about.json'));
        return {
          id: world,
          title,
          lesson,
          view,
          files: files.map((file: { name: string }) => ({ ...file, text: read(file.name) })),
        };
      });
      const file = this.emitFile({ type: 'asset', name: 'gallery.json', source: JSON.stringify(worlds) });
      return `export default import.meta.ROLLUP_FILE_URL_${file}`;
    },
  };
}

/** The page that explains every code. */
function diagnostics(): Plugin {
  return {
    name: 'meshscope-diagnostics',
    apply: 'build',
    generateBundle() {
      const markdown = readFileSync(new URL('../docs/diagnostics.md', import.meta.url), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'diagnostics.html', source: diagnosticsPage(markdown) });
    },
  };
}

// Relative base: the folder works at any path, also under a docs site.
export default defineConfig({
  base: './',
  plugins: [gallery(), diagnostics(), offline()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700, // scripts/build-www.sh guards the gzipped sum instead
  },
  worker: { format: 'es' },
});
