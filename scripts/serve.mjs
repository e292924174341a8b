// Serves a folder of static files the way the playground wants to be hosted: strict policy, long cache for hashed names.
// Usage: node scripts/serve.mjs [--port N] FOLDER. Port 0 takes a free one. Prints the URL when it listens.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createGzip } from 'node:zlib';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.yaml': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** The policy that the page also carries itself; 'wasm-unsafe-eval' is what compiling WebAssembly needs. */
export const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'";

/**
 * @param {string} folder
 * @param {number} port
 * @param {string} [policy]
 * @param {Record<string, string>} [more] more headers
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export function serve(folder, port, policy = POLICY, more = {}) {
  const root = resolve(folder);
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    let file = join(root, path);
    if (!file.startsWith(root + sep) && file !== root) file = root;
    if (file === root || path.endsWith('/')) file = join(file, 'index.html');
    let size;
    try {
      const stat = statSync(file);
      if (!stat.isFile()) throw new Error('no file');
      size = stat.size;
    } catch {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('not found\n');
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    /** @type {Record<string, string | number>} */
    const headers = {
      'Content-Type': type,
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...more,
    };
    const zip = !type.startsWith('image/png') && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    if (zip) headers['Content-Encoding'] = 'gzip';
    else headers['Content-Length'] = size;
    response.writeHead(200, headers);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const stream = createReadStream(file);
    stream.on('error', () => response.destroy());
    (zip ? stream.pipe(createGzip()) : stream).pipe(response);
  });
  return new Promise((done, fail) => {
    server.on('error', fail);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const bound = address !== null && typeof address === 'object' ? address.port : port;
      done({
        url: `http://localhost:${bound}/`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

async function main() {
  const args = process.argv.slice(2);
  const at = args.indexOf('--port');
  const port = at >= 0 ? Number(args.splice(at, 2)[1]) : 4173;
  const folder = args[0] ?? 'www/dist';
  /** @type {{ url: string } | undefined} */
  let served;
  // A busy port is no reason to stop: take the next free one.
  for (const candidate of [port, port + 1, port + 2, 0]) {
    try {
      served = await serve(folder, candidate);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error;
    }
  }
  console.log(`\n  meshscope is at  ${served?.url}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
