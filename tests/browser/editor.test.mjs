// The editor: where references land, hover, completion, folding, files, and both directions of following.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { open, paste } from './browser.mjs';

describe('the editor', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
    await opened.page.goto(opened.url);
    await opened.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
  });
  after(() => opened.close());

  const editor = () => opened.page.getByRole('textbox', { name: 'YAML' });

  /** Puts the caret at the end of the line that contains the text. @param {string} text */
  async function caretAt(text) {
    const { page } = opened;
    await editor().focus();
    await page.keyboard.press('ControlOrMeta+f');
    await page.getByPlaceholder('Find').fill('');
    await page.getByPlaceholder('Find').pressSequentially(text);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
  }

  it('says behind a reference where it lands', async () => {
    await caretAt('name: test-server-main');
    await opened.page.locator('.ms-inlay', { hasText: '→ test-server · main 80 · west' }).first().waitFor();
  });

  it('selects the answer of the reference at the caret', async () => {
    await caretAt('sectionName: main');
    const current = opened.page.locator('tr[aria-current]');
    await current.waitFor();
    assert.match(await current.innerText(), /main 80\s+west/);
  });

  it('follows a click on an answer to the text', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'test-server-v2-retries', exact: true }).click();
    await page.locator('.cm-activeLine', { hasText: 'type: MeshRetry' }).waitFor();
  });

  it('shows a card over a reference', async () => {
    const { page } = opened;
    await caretAt('sectionName: main');
    await page.locator('.cm-line', { hasText: 'sectionName: main' }).hover({ position: { x: 150, y: 8 } });
    const card = page.locator('.ms-hover');
    await card.waitFor();
    assert.match(await card.innerText(), /→ test-server · main 80 · west/);
    await page.mouse.move(0, 0);
  });

  it('offers fixes at the text and in Problems; they can be undone', async () => {
    const broken = `type: Mesh
name: default
meshServices: { mode: Exclusive }
---
type: Dataplane
name: shop-1
mesh: default
networking: { address: 10.0.0.1, inbound: [{ port: 80, name: main, tags: { kuma.io/service: shop } }] }
---
type: MeshTimeout
name: slow
mesh: default
spec:
  to:
    - targetRef: { kind: MeshService, name: shop, sectionName: "80" }
      default: { connectionTimeout: 2s, idleTimout: 1m }
`;
    const other = await open();
    try {
      await other.page.goto(`${other.url}#example=wrong-port`); // one file
      await other.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
      await paste(other, broken);
      await other.page.getByRole('tab', { name: /^Problems/ }).click();
      const text = other.page.getByRole('textbox', { name: 'YAML' });
      await other.page.getByRole('button', { name: 'Write main' }).click();
      await other.page.getByRole('button', { name: 'Write main' }).waitFor({ state: 'detached' });
      assert.match(await text.innerText(), /name: shop, sectionName: main \}/);
      await other.page.locator('.cm-lintRange', { hasText: 'idleTimout' }).hover();
      await other.page.locator('.cm-diagnosticAction', { hasText: 'Write idleTimeout' }).click();
      await other.page.getByRole('button', { name: 'Write idleTimeout' }).waitFor({ state: 'detached' });
      assert.match(await text.innerText(), /connectionTimeout: 2s, idleTimeout: 1m \}/);
      await text.focus();
      await other.page.keyboard.press('ControlOrMeta+z');
      await other.page.getByRole('button', { name: 'Write idleTimeout' }).waitFor();
      assert.deepEqual(other.errors, []);
    } finally {
      await other.close();
    }
  });

  it('completes names, ports and zones from what is pasted, and fields with what they are for', async () => {
    const { page } = opened;
    const options = page.locator('.cm-tooltip-autocomplete li');
    /** @param {string} text @param {RegExp} option */
    const offers = async (text, option) => {
      await page.keyboard.type(text);
      await page.keyboard.press('Control+Space');
      await options.filter({ hasText: option }).first().waitFor();
      await page.keyboard.press('Escape');
    };
    await page.getByRole('button', { name: 'New file' }).click();
    await editor().focus();
    await page.keyboard.insertText(
      'type: MeshTimeout\nname: t\nmesh: default\nspec:\n  to:\n    - targetRef:\n        kind: ',
    );
    await offers('Mesh', /^MeshService/);
    await page.keyboard.insertText('Service\n        name: ');
    await offers('re', /^redis/);
    await page.keyboard.insertText('dis\n        sectionName: ');
    await offers('so', /^some-port/);
    await page.keyboard.insertText('me-port\n        labels:\n          kuma.io/zone: ');
    await offers('e', /^east/);
    await page.keyboard.insertText('ast\n      ');
    await offers('def', /^default/);
    await page.keyboard.insertText('ault:\n        http:\n          ');
    await offers('req', /^requestTimeout\s*duration/);
  });

  it('opens, renames and closes files, and gives them a zone', async () => {
    const { page } = opened;
    const tabs = page.getByRole('tablist', { name: 'Files' }).getByRole('tab');
    assert.equal(await tabs.count(), 4);
    await page.getByRole('textbox', { name: 'File', exact: true }).fill('mine.yaml');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'mine.yaml' }).waitFor();
    await page.getByRole('button', { name: 'Close mine.yaml' }).click();
    assert.equal(await tabs.count(), 3);
  });

  it('folds a document', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: 'mesh.yaml' }).click();
    await editor().focus();
    await page.keyboard.press('ControlOrMeta+Home');
    await page.locator('.cm-line', { hasText: /^type: Mesh$/ }).click();
    await page.keyboard.press('Control+Shift+BracketLeft');
    await page.locator('.cm-foldPlaceholder').waitFor();
  });

  it('lets the keyboard out: Escape, then Tab', async () => {
    const { page } = opened;
    await editor().focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    const inside = await editor().evaluate(
      (element) => element === /** @type {ShadowRoot} */ (element.getRootNode()).activeElement,
    );
    assert.equal(inside, false);
  });

  it('reports no error', () => assert.deepEqual(opened.errors, []));
});
