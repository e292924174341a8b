// The example for Docusaurus, built by Docusaurus itself from the packed tarball: rendered on a server, then alive.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { open } from '../browser/browser.mjs';
import { serve } from '../../scripts/serve.mjs';
import { docusaurus, installDocusaurus, run } from './consumers.mjs';

// its pages carry scripts and styles of their own
const POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** Why its 1300 packages could not be had, if the registry did not give them all. */
let missing = '';

before(
  () => {
    try {
      installDocusaurus();
    } catch (error) {
      const reason = /npm error code (E40[34]|E5\d\d|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONN\w+)/.exec(String(error));
      if (!reason) throw error;
      missing = `the registry did not give all packages: ${reason[1]}`;
    }
  },
  { timeout: 600_000 },
);

describe('Docusaurus', () => {
  it('renders the YAML and upgrades it', { timeout: 300_000 }, async (t) => {
    if (missing) return t.skip(missing);
    run(process.execPath, ['node_modules/@docusaurus/core/bin/docusaurus.mjs', 'build'], docusaurus);
    const html = readFileSync(join(docusaurus, 'build/index.html'), 'utf8');
    // to be read without script: every line of it
    const yaml = /<mesh-scope view="rules">([\s\S]*?)<\/mesh-scope>/.exec(html)?.[1] ?? '';
    assert.equal(yaml.match(/class="token-line"/g)?.length, 14);
    const server = await serve(join(docusaurus, 'build'), 0, POLICY);
    const opened = await open();
    try {
      await opened.page.goto(server.url);
      await opened.page.getByRole('row').filter({ hasText: 'main 8080' }).last().waitFor();
      assert.deepEqual(
        opened.errors.filter((error) => !error.includes('404')),
        [],
      );
    } finally {
      await opened.close();
      await server.close();
    }
  });
});
