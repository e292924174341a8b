// Nothing is lost: reload, back button, a link in another browser, the death of the worker, the network gone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { open, paste } from './browser.mjs';

/** @param {import('playwright-core').Page} page */
const ready = (page) => page.getByRole('table', { name: 'What each reference hits' }).waitFor();

/** @param {import('playwright-core').Page} page */
const editor = (page) => page.getByRole('textbox', { name: 'YAML' });

const WORLD = `type: Mesh
name: default
meshServices: { mode: Exclusive }
---
type: Dataplane
name: kept-1
mesh: default
networking: { address: 10.0.0.1, inbound: [{ port: 80, name: main, tags: { kuma.io/service: kept } }] }
---
type: MeshTimeout
name: kept-timeout
mesh: default
spec: { to: [{ targetRef: { kind: MeshService, name: kept }, default: { connectionTimeout: 1s } }] }
`;

/**
 * The files of an archive without compression, as its directory names them.
 * @param {Buffer} bytes
 */
function unzip(bytes) {
  const end = bytes.length - 22; // no comment
  assert.equal(bytes.readUInt32LE(end), 0x06054b50);
  /** @type {Record<string, string>} */
  const files = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const [size, length] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28)];
    const name = bytes.toString('utf8', at + 46, at + 46 + length);
    const local = bytes.readUInt32LE(at + 42);
    assert.equal(bytes.readUInt32LE(local), 0x04034b50);
    const body = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(body, body + size);
    assert.equal(crc32(data), bytes.readUInt32LE(at + 16));
    files[name] = data.toString('utf8');
    at += 46 + length;
  }
  assert.equal(at, end);
  return files;
}

describe('the state of the page', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
    await opened.page.goto(opened.url);
    await ready(opened.page);
  });
  after(() => opened.close());

  it('survives a reload: text, file, view', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: 'east.yaml' }).click();
    await paste(opened, WORLD);
    await page.getByRole('button', { name: 'kept-timeout' }).waitFor();
    await page.getByRole('tab', { name: /^Services/ }).click();
    await page.reload();
    await page.getByRole('article', { name: 'MeshService kept', exact: true }).waitFor();
    assert.equal(await page.getByRole('tab', { name: 'east.yaml' }).getAttribute('aria-selected'), 'true');
    assert.match(await editor(page).innerText(), /kept-timeout/);
  });

  it('comes back with the back button after another example', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Examples' }).click();
    await page.getByRole('button', { name: /A typo in one half of a split/ }).click();
    await page.getByRole('article', { name: 'MeshService orders-v1', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('article', { name: 'MeshService kept', exact: true }).waitFor();
    await page.goForward();
    await page.getByRole('article', { name: 'MeshService orders-v1', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('article', { name: 'MeshService kept', exact: true }).waitFor();
  });

  it('travels in a link, to a browser that has never been here', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    await page.keyboard.press('Escape');
    assert.ok(link.length < 2500, `${link.length}`);
    const other = await open();
    try {
      await other.page.goto(link.replace(opened.url, other.url));
      await other.page.getByRole('article', { name: 'MeshService kept', exact: true }).waitFor();
      assert.deepEqual(other.errors, []);
    } finally {
      await other.close();
    }
  });

  it('gives the world as Markdown', async () => {
    const { page, context } = opened;
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await page.getByText('Markdown copied.').waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    await page.keyboard.press('Escape');
    assert.match(text, /\| MeshTimeout `kept-timeout` `to\[0\]\.targetRef` \|/);
    assert.match(text, /```yaml\ntype: Mesh/);
    assert.match(text, /Evaluated by meshscope for Kuma 2\.14\.3: http/);
  });

  it('gives the files as a zip, under names that stay in the folder', async () => {
    const { page } = opened;
    const written = await page.evaluate(() => {
      const scope = /** @type {import('meshscope/element').MeshScope | null | undefined} */ (
        document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope')
      );
      scope?.session.add([{ name: '../größe/../b.yaml', text: '# größe 🐙\n', zone: '', environment: '' }]);
      return Object.fromEntries((scope?.session.files ?? []).map((file) => [file.name, file.text]));
    });
    await page.getByRole('button', { name: 'Share' }).click();
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download zip' }).click();
    const download = await waiting;
    await page.keyboard.press('Escape');
    assert.equal(download.suggestedFilename(), 'world.zip');
    const { '../größe/../b.yaml': text, ...others } = written;
    assert.deepEqual(unzip(await readFile(await download.path())), { ...others, 'größe/b.yaml': text });
    await page.getByRole('button', { name: /^Close .*b\.yaml/ }).click();
  });

  it('keeps the text when the worker dies, and answers again', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: /^Rules/ }).click();
    const [worker] = page.workers();
    assert.ok(worker);
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('the worker dies');
      });
    });
    await page.waitForFunction(() => true);
    await paste(opened, WORLD.replace('kept-timeout', 'later-timeout'));
    await page.getByRole('button', { name: 'later-timeout' }).waitFor();
    assert.match(await editor(page).innerText(), /later-timeout/);
  });

  it('is there without a network', async () => {
    const { page, context } = opened;
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    await page.reload();
    await page.getByRole('button', { name: 'later-timeout' }).waitFor();
    await context.setOffline(false);
  });
});
