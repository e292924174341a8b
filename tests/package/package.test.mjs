// The tarball as others get it: linted, installed, and used in Node, Vite, esbuild, webpack, VitePress, Jekyll's templates,
// a plain page and a worker.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { open } from '../browser/browser.mjs';
import { home, install, run, tarball } from './consumers.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = (/** @type {string} */ name) => join(home, 'node_modules/.bin', name);
const load = (/** @type {string} */ name) =>
  import(pathToFileURL(createRequire(join(home, 'x.js')).resolve(name)).href);
const ANSWER = 'orders hits orders on port 8080 in west';

/**
 * Opens a folder in Chromium, under the strict policy of scripts/serve.mjs, and waits for the answers of the page's own engine and
 * of the element's.
 * @param {string} folder
 * @param {{ path?: string, answer?: boolean, element?: boolean }} [options]
 */
async function shows(folder, { path = '', answer = true, element = true } = {}) {
  const opened = await open({ folder });
  try {
    await opened.page.goto(`${opened.url}${path}`);
    if (answer) await opened.page.getByText(ANSWER).waitFor();
    if (element) {
      const cell = opened.page.getByRole('row').filter({ hasText: 'to[0].targetRef' }).last();
      await cell.filter({ hasText: 'main 8080' }).waitFor();
    }
    assert.deepEqual(opened.errors, []);
    assert.deepEqual(
      opened.requests.filter((url) => !url.startsWith(opened.url) && !/^(blob|data):/.test(url)),
      [],
    );
  } finally {
    await opened.close();
  }
}

before(install, { timeout: 300_000 });

describe('the tarball', () => {
  it('has no errors and no warnings for publint', () => {
    const said = run(bin('publint'), ['run', tarball ?? '', '--strict']);
    assert.match(said, /All good!/);
  });

  it('has no problems for attw, as a package of ES modules', () => {
    // one line a resolution, however wide the terminal is
    const said = run(bin('attw'), [tarball ?? '', '--profile', 'esm-only', '--no-emoji', '--format', 'ascii']);
    const counted = said.split('\n').filter((line) => /^(node16 \(from ESM\)|bundler): /.test(line));
    assert.ok(counted.length >= 20, said);
    assert.deepEqual(
      counted.filter((line) => !/: OK/.test(line)),
      [],
    );
  });

  it('holds one wasm file, its licence and README, and no sources', () => {
    const files = run('tar', ['tzf', tarball ?? ''])
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, ''));
    assert.deepEqual(
      files.filter((name) => name.endsWith('.wasm')),
      ['engine/engine_bg.wasm'],
    );
    for (const name of ['LICENSE', 'README.md', 'dist/schema.json', 'element.css'])
      assert.ok(files.includes(name), name);
    assert.deepEqual(
      files.filter((name) => /(?<!\.d)\.ts$|\.map$|^src\//.test(name)),
      [],
    );
  });

  it('names no path of the machine that built it', () => {
    const wasm = readFileSync(join(home, 'node_modules/meshscope/engine/engine_bg.wasm'), 'latin1');
    assert.doesNotMatch(wasm, /\/home\/|\/root\/|\/Users\//);
  });
});

describe('Node', () => {
  it('answers without init', () => {
    const said = run(process.execPath, ['report.mjs', '../mesh/world.yaml'], join(home, 'examples/node'));
    assert.match(said, /^Kuma 2\.14\.3\n/);
    assert.match(
      said,
      /MeshHTTPRoute\/orders spec\.to\[0\]\.rules\[0\]\.default\.backendRefs\[1\] from default: orders-next:8080\n/,
    );
  });

  it('finds wasm, schema and style by their names', () => {
    const script = `for (const name of ['engine_bg.wasm', 'schema.json', 'element.css', 'worker', 'package.json']) console.log(import.meta.resolve('meshscope/' + name))`;
    const found = run(process.execPath, ['--input-type=module', '-e', script]).trim().split('\n');
    assert.equal(found.length, 5);
    for (const url of found) assert.ok(statSync(fileURLToPath(url)).size > 0, url);
  });

  it('has the command line', () => {
    const said = run(bin('meshscope'), ['test', 'examples/mesh', '--fail-under', '70']);
    assert.match(said, /5 checks passed; 3 of 4 rules covered \(75 %\)/);
  });

  it('gives SARIF as its schema asks for, with and without problems', async () => {
    const sarif = createRequire(createRequire(join(home, 'x.js')).resolve('@microsoft/jest-sarif'));
    const Ajv = sarif('ajv');
    const ajv = new Ajv({ schemaId: 'auto', allErrors: true, logger: false });
    ajv.addMetaSchema(sarif('ajv/lib/refs/json-schema-draft-04.json'));
    const valid = ajv.compile(sarif('./schemas/sarif-2.1.0-rtm.5.json'));
    const said = (/** @type {string[]} */ ...args) => {
      const { stdout } = spawnSync(bin('meshscope'), ['check', '--format', 'sarif', ...args], {
        cwd: root,
        encoding: 'utf8',
      });
      return JSON.parse(stdout);
    };
    const seed = said('west:gallery/seed/west.yaml', 'east:gallery/seed/east.yaml', 'gallery/seed/mesh.yaml');
    assert.ok(seed.runs[0].results.length > 0);
    for (const report of [seed, said('examples/mesh'), said('gallery')]) {
      assert.ok(valid(report), ajv.errorsText(valid.errors));
    }
    seed.runs[0].results[0].level = 'awful';
    assert.equal(valid(seed), false);
  });

  it('passes the steps of the workflow', () => {
    const workflow = readFileSync(join(home, 'examples/github-actions/meshscope.yml'), 'utf8');
    const commands = [...workflow.matchAll(/run: npx --yes meshscope@[\d.]+ (.*)/g)].map((match) =>
      (match[1] ?? '').split(' '),
    );
    assert.equal(commands.length, 2);
    for (const args of commands) run(bin('meshscope'), args, join(home, 'examples'));
  });

  it('has types that a strict consumer can use', () => {
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'types']);
  });
});

describe('bundlers', () => {
  it('Vite builds the example', async () => {
    run(bin('vite'), ['build', '--logLevel', 'error'], join(home, 'examples/vite'));
    await shows(join(home, 'examples/vite/dist'));
  });

  it('Vite serves the example while it is developed', async () => {
    const { createServer } = /** @type {typeof import('vite')} */ (await load('vite'));
    const server = await createServer({
      root: join(home, 'examples/vite'),
      logLevel: 'error',
      // what is installed stands above the example here, not in it
      server: { port: 0, host: '127.0.0.1', fs: { strict: false } },
    });
    const opened = await open();
    try {
      await server.listen();
      const address = server.httpServer?.address();
      assert.ok(address && typeof address === 'object');
      await opened.page.goto(`http://127.0.0.1:${address.port}/`);
      await opened.page.getByText(ANSWER).waitFor({ timeout: 20_000 });
      await opened.page.getByRole('row').filter({ hasText: 'main 8080' }).last().waitFor({ timeout: 20_000 });
    } finally {
      await opened.close();
      await server.close();
    }
  });

  it('esbuild builds with the wasm as a file and the worker as an entry', async () => {
    const esbuild = /** @type {{ build: (options: object) => Promise<unknown> }} */ (await load('esbuild'));
    const out = join(home, 'esbuild/dist');
    const options = {
      bundle: true,
      format: 'esm',
      target: 'es2022',
      outdir: out,
      absWorkingDir: home,
      logLevel: 'error',
    };
    await esbuild.build({ ...options, entryPoints: ['esbuild/main.js'], loader: { '.wasm': 'file' } });
    await esbuild.build({ ...options, entryPoints: { worker: 'meshscope/worker' } });
    copyFileSync(join(home, 'node_modules/meshscope/engine/engine_bg.wasm'), join(out, 'engine_bg.wasm'));
    writeFileSync(join(out, 'index.html'), page('main.js'));
    await shows(out);
  });

  it('webpack builds by itself', async () => {
    const { default: webpack } = await load('webpack');
    const out = join(home, 'webpack/dist');
    const stats = await new Promise((done, fail) => {
      webpack(
        {
          context: home,
          entry: './webpack/main.js',
          mode: 'production',
          output: { path: out, filename: 'main.js' },
          performance: false,
          optimization: { minimize: false },
        },
        (/** @type {Error | null} */ error, /** @type {{ hasErrors(): boolean, toString(): string }} */ result) =>
          error ? fail(error) : done(result),
      );
    });
    assert.ok(!stats.hasErrors(), stats.toString());
    writeFileSync(join(out, 'index.html'), page('main.js'));
    await shows(out);
  });
});

describe('without a bundler', () => {
  it('a page imports the files as they are', () => shows(home, { path: 'module/', element: false }));
  it("a worker of one's own uses initSync", () => shows(home, { path: 'worker/', element: false }));

  it('a page includes the script of the playground', async () => {
    const folder = join(home, 'examples/html');
    cpSync(join(root, 'www/dist'), join(folder, 'meshscope'), { recursive: true });
    await shows(folder, { answer: false });
  });
});

describe('documentation sites', () => {
  it('VitePress renders the YAML and upgrades it', async () => {
    run(bin('vitepress'), ['build'], join(home, 'examples/vitepress'));
    const dist = join(home, 'examples/vitepress/.vitepress/dist');
    assert.match(
      readFileSync(join(dist, 'index.html'), 'utf8'),
      /<mesh-scope[^>]*>[\s\S]*orders-1[\s\S]*<\/mesh-scope>/,
    );
    const opened = await open({ folder: dist });
    try {
      // the theme's own script stands in the page, which the strict policy of the server does not allow
      await opened.page.route('**/*.html', (route) => route.continue());
      await opened.page.goto(`${opened.url}index.html`);
      await opened.page.getByRole('row').filter({ hasText: 'main 8080' }).last().waitFor();
    } finally {
      await opened.close();
    }
  });

  it('the include of Jekyll renders and works', async () => {
    const { Liquid } = await load('liquidjs');
    const jekyll = join(home, 'examples/jekyll');
    const engine = new Liquid({ root: join(jekyll, '_includes'), jekyllInclude: true, dynamicPartials: false });
    engine.registerFilter('relative_url', (/** @type {string} */ path) => path);
    const markdown = readFileSync(join(jekyll, 'page.md'), 'utf8').replace(/^---[\s\S]*?\n---\n/, '');
    const site = join(jekyll, '_site');
    mkdirSync(join(site, 'assets'), { recursive: true });
    cpSync(join(root, 'www/dist'), join(site, 'assets/meshscope'), { recursive: true });
    const html = await engine.parseAndRender(markdown);
    assert.match(html, /<mesh-scope view="rules">\n<pre data-name="orders\.yaml" data-zone="west">\ntype: Dataplane/);
    writeFileSync(
      join(site, 'index.html'),
      `<!doctype html><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,">${html}`,
    );
    await shows(site, { answer: false });
  });
});

/** @param {string} script */
function page(script) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,"></head>
<body><script type="module" src="${script}"></script></body></html>`;
}
