// docs/dependencies.md names everything that is used, and everything that is used may be used.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
/** @param {string} path */
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/dependencies.md');

/** The rows of the page's tables, by name. */
const rows = new Map(
  page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length > 5 && /^\d/.test(cells[2] ?? ''))
    .map(([, name, version, licence]) => [name, { version, licence }]),
);

const allowed = new Set('Apache-2.0 MIT BSD-3-Clause ISC 0BSD Zlib Unicode-3.0 NCSA Unlicense BSL-1.0'.split(' '));
/** Not shipped. */
const tools = /^node_modules\/(axe-core|lightningcss)/;

/**
 * Whether an SPDX expression can be met with what is allowed.
 *
 * @param {string} expression
 * @returns {boolean}
 */
function fits(expression) {
  return expression
    .replace(/[()]/g, '')
    .split(/\s+AND\s+/)
    .every((all) => all.split(/\s+OR\s+|\//).some((one) => allowed.has(one.trim())));
}

describe('dependencies', () => {
  for (const manifest of ['Cargo.toml', 'fuzz/Cargo.toml', 'tests/mutants/Cargo.toml']) {
    it(`of ${manifest} are on the page`, () => {
      const [, ...sections] = read(manifest).split(/^\[(?=(?:dev-|build-)?dependencies\])/m);
      const lines = sections.flatMap((section) => (section.split(/^\[/m)[0] ?? '').split('\n'));
      const names = lines.flatMap((line) => {
        const name = /^([A-Za-z0-9_-]+) = /.exec(line)?.[1];
        return name === undefined ? [] : [/package = "([^"]+)"/.exec(line)?.[1] ?? name];
      });
      assert.ok(names.length >= 3, names.join());
      for (const name of names) assert.ok(name === 'meshscope' || rows.has(name), `${name} is not on the page`);
    });
  }

  it('of package.json are on the page, with version and licence', () => {
    const lock = JSON.parse(read('package-lock.json'));
    for (const path of ['package.json', 'pkg/package.json', 'www/package.json']) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(read(path));
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        if (name === 'meshscope') continue;
        const { license } = lock.packages[`node_modules/${name}`];
        assert.deepEqual(rows.get(name), { version, licence: license }, name);
      }
    }
  });

  it('have licences that are allowed, and come from the npm registry', () => {
    const lock = JSON.parse(read('package-lock.json'));
    for (const [path, { link, license, resolved, integrity }] of Object.entries(lock.packages)) {
      if (link === true || !path.startsWith('node_modules/')) continue;
      assert.ok(fits(license) || (license === 'MPL-2.0' && tools.test(path)), `${path}: ${license}`);
      assert.ok(integrity?.startsWith('sha512-'), path);
      assert.ok(resolved === undefined || !/git|file:/.test(new URL(resolved).protocol), path);
    }
  });

  it('have licences that are allowed, and come from crates.io', () => {
    const run = { cwd: fileURLToPath(root), encoding: /** @type {const} */ ('utf8'), maxBuffer: 1 << 28 };
    const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--format-version=1', '--locked'], run));
    for (const { name, version, license, source } of metadata.packages) {
      if (name === 'meshscope') continue;
      assert.ok(fits(license ?? ''), `${name}: ${license}`);
      assert.match(source, /^registry\+/, name);
      const row = rows.get(name);
      if (row !== undefined) {
        assert.ok(`${version}.`.startsWith(`${row.version}.`), `${name} ${version}, and the page says ${row.version}`);
        assert.equal(row.licence, license, name);
      }
    }
  });
});
