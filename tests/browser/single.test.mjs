// The playground as one file, from disk: it needs nothing else and asks for nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { open } from './browser.mjs';

const file = 'www/single/meshscope.html';

describe('the single file', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
    await opened.page.goto(pathToFileURL(file).href);
  });
  after(() => opened.close());

  it('answers from disk', async () => {
    const row = opened.page
      .getByRole('row')
      .filter({ hasText: /section\s+main/ })
      .first();
    await row.waitFor({ timeout: 10_000 });
    assert.match(await row.innerText(), /test-server\s+main 80\s+west/);
    await opened.page.getByRole('textbox', { name: 'YAML' }).waitFor();
    await opened.page.locator('.ms-inlay', { hasText: '→' }).first().waitFor();
  });

  it('has the examples and makes links', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Examples' }).click();
    assert.ok((await page.getByRole('dialog').getByRole('listitem').count()) > 10);
    await page.getByRole('button', { name: 'Close' }).first().click();
    await page.getByRole('button', { name: 'Share' }).click();
    const link = page.getByRole('textbox', { name: 'Link' });
    await link.waitFor();
    assert.match(await link.inputValue(), /^file:.*meshscope\.html#1\./);
  });

  it('asks for nothing and reports no error', () => {
    const asked = opened.requests.filter((url) => !/^(data|blob):/.test(url) && !url.endsWith('meshscope.html'));
    assert.deepEqual(asked, []);
    assert.deepEqual(opened.errors, []);
  });

  it('allows no address in its policy', () => {
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /https?:|\*|'unsafe-/);
  });
});
