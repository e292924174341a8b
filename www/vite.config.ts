import { defineConfig } from 'vite';

// Relative base: the folder works at any path, also under a docs site.
export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700, // scripts/build-www.sh guards the gzipped sum instead
  },
  worker: { format: 'es' },
});
