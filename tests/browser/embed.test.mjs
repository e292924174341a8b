// The frame of other pages: what its fragment says, the size that it tells, to whom; the snippets that people copy.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { embedSnippets, toFragment } from 'meshscope/embed';
import { serve } from '../../scripts/serve.mjs';
import { open } from './browser.mjs';

const around = mkdtempSync(join(tmpdir(), 'meshscope-around-'));
const own = mkdtempSync(join(tmpdir(), 'meshscope-own-'));
const POLICY =
  "default-src * data:; script-src * 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src * blob:; style-src * 'unsafe-inline'";
const text = readFileSync(new URL('../../gallery/seed/west.yaml', import.meta.url), 'utf8');
const state = {
  files: [{ name: 'west.yaml', text, zone: 'west', environment: /** @type {const} */ ('') }],
  view: 'services',
};

describe('a frame of embed.html', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  /** @type {{ url: string, close: () => Promise<void> }} */
  let docs;
  before(async () => {
    // The playground on one origin, the page of somebody else on another.
    docs = await serve(around, 0, POLICY);
    opened = await open();
  });
  after(async () => {
    await opened.close();
    await docs.close();
    for (const folder of [around, own]) rmSync(folder, { recursive: true, force: true });
  });
  const page = (/** @type {string} */ body) =>
    writeFileSync(
      join(around, 'index.html'),
      `<!doctype html><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,">${body}`,
    );

  it('shows the example, view and theme of its fragment, without the editor', async () => {
    await opened.page.goto(
      `${opened.url}embed.html#${toFragment({ example: 'seed', view: 'services', editor: false, theme: 'dark' })}`,
    );
    await opened.page.getByRole('article', { name: 'MeshService redis' }).waitFor();
    assert.equal(await opened.page.getByRole('textbox', { name: 'YAML' }).count(), 0);
    assert.deepEqual(opened.errors, []);
  });

  it('selects the reference of its fragment and tries the request', async () => {
    const fragment = toFragment({ example: 'seed', focus: 'MeshTimeout/test-server-alt to[0]' });
    await opened.page.goto('about:blank');
    await opened.page.goto(`${opened.url}embed.html#${fragment}`);
    assert.match(await opened.page.locator('tr[aria-current=true]').innerText(), /section 8080/);
    await opened.page.goto('about:blank');
    await opened.page.goto(
      `${opened.url}embed.html#${toFragment({ example: 'seed', request: 'web-1 GET test-server:80' })}`,
    );
    await opened.page.getByText('100 % to').waitFor();
    assert.deepEqual(opened.errors, []);
  });

  it('grows to its content in the page of the snippet', async () => {
    const { iframe } = await embedSnippets(state, opened.url);
    page(iframe);
    await opened.page.goto(docs.url);
    const frame = opened.page.frameLocator('iframe');
    await frame.getByRole('article', { name: 'MeshService redis' }).waitFor();
    await opened.page.waitForFunction(() => (document.querySelector('iframe')?.offsetHeight ?? 0) > 600);
    const hidden = await frame.locator('ms-services').evaluate((view) => view.scrollHeight - view.clientHeight);
    assert.ok(hidden <= 2, `${hidden} px have to be scrolled`);
    assert.deepEqual(opened.errors, []);
  });

  it('tells its size to the page around it and to no other, and the snippet listens to no other', async () => {
    const { iframe } = await embedSnippets(state, opened.url);
    page(iframe);
    await opened.page.goto(docs.url);
    await opened.page.waitForFunction(() => (document.querySelector('iframe')?.offsetHeight ?? 0) > 600);
    // a message of another origin: the page itself
    await opened.page.evaluate(() => postMessage({ type: 'meshscope-size', height: 77 }, '*'));
    await opened.page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
    assert.notEqual(await opened.page.evaluate(() => document.querySelector('iframe')?.offsetHeight), 77);
  });

  it('shows the element of the snippet, from another origin', async () => {
    const { element } = await embedSnippets(state, opened.url);
    const cors = await serve('www/dist', 0, POLICY, { 'Access-Control-Allow-Origin': '*' });
    try {
      page(element.replaceAll(opened.url, cors.url));
      await opened.page.goto(docs.url);
      await opened.page.getByRole('article', { name: 'MeshService redis' }).waitFor();
      assert.deepEqual(opened.errors, []);
    } finally {
      await cors.close();
    }
  });

  it('is offered by the playground, with the element', async () => {
    const { page: tab } = opened;
    await tab.goto('about:blank');
    await tab.goto(`${opened.url}#example=seed`);
    await tab.getByRole('table', { name: 'What each reference hits' }).waitFor();
    await tab.getByRole('button', { name: 'Share' }).click();
    const frame = await tab.getByRole('textbox', { name: 'Frame' }).inputValue();
    assert.match(frame, /^<iframe src="http:\/\/localhost:\d+\/embed\.html#view=rules&amp;link=1\./);
    const element = await tab.getByRole('textbox', { name: 'Element, with the YAML inside' }).inputValue();
    assert.match(
      element,
      /<mesh-scope view="rules">\n<script type="application\/yaml" data-name="west\.yaml" data-zone="west">/,
    );
  });
});
