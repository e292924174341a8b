// How the page feels: keyboard and focus, themes, motion, its policy, files from disk and clipboard, line ends, sync.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fromLink } from 'meshscope/link';
import { open, paste } from './browser.mjs';

const VIEWS = ['Map', 'Rules', 'Services', 'Proxies', 'Request', 'Migration', 'Problems'];

/** @param {import('playwright-core').Page} page */
const ready = (page) => page.getByRole('table', { name: 'What each reference hits' }).waitFor();

/** The session of the page. @param {import('playwright-core').Page} page */
const files = (page) =>
  page.evaluate(() => {
    const scope = /** @type {import('meshscope/element').MeshScope | null | undefined} */ (
      document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope')
    );
    return (scope?.session.files ?? []).map(({ name, text }) => ({ name, text }));
  });

/** Lets files go down, or in, over the YAML. @param {import('playwright-core').Page} page @param {'drop' | 'paste'} how @param {Record<string, string>} texts */
const hand = (page, how, texts) =>
  page.getByRole('textbox', { name: 'YAML' }).evaluate(
    (target, { how, texts }) => {
      const data = new DataTransfer();
      for (const [name, text] of Object.entries(texts)) data.items.add(new File([text], name));
      const options = { bubbles: true, cancelable: true, composed: true };
      if (how === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
      else {
        target.dispatchEvent(new DragEvent('dragover', { ...options, dataTransfer: data }));
        target.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: data }));
      }
    },
    { how, texts },
  );

describe('the keyboard', () => {
  for (const dark of [false, true]) {
    it(`goes everywhere, and one sees where it is, ${dark ? 'dark' : 'light'}`, async () => {
      const opened = await open({ dark });
      try {
        const { page } = opened;
        await page.goto(opened.url);
        await ready(page);
        for (const view of VIEWS) {
          const tab = page.getByRole('tab', { name: new RegExp(`^${view}`) });
          await tab.focus();
          await page.keyboard.press('Enter');
          await page.waitForTimeout(150);
          assert.equal(await tab.getAttribute('aria-selected'), 'true');
          /** @type {Set<string>} */
          const seen = new Set();
          for (let n = 0; n < 25; n++) {
            await page.keyboard.press('Tab');
            const [what, visible] = await page.evaluate(() => {
              let element = document.activeElement;
              while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
              if (!element || element === document.body) return ['', true];
              const style = getComputedStyle(element);
              const box = element.querySelector(':scope > rect.box');
              const ring =
                (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) ||
                (box !== null && parseFloat(getComputedStyle(box).strokeWidth) >= 2) ||
                element.matches('.cm-content'); // has a caret
              const name = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 40) ?? '';
              return [`${element.localName} ${name}`, ring];
            });
            assert.ok(visible, `no focus is seen on ${what} in ${view}`);
            seen.add(String(what));
          }
          assert.ok(seen.size > 3, `${view}: ${[...seen].join(', ')}`);
        }
        await page.getByRole('tab', { name: /^Map/ }).focus();
        await page.keyboard.press('ArrowRight');
        assert.equal(await page.getByRole('tab', { name: /^Rules/ }).getAttribute('aria-selected'), 'true');
        await page.getByRole('separator', { name: 'Size of the editor' }).focus();
        await page.keyboard.press('ArrowLeft');
        assert.equal(await page.getByRole('separator').getAttribute('aria-valuenow'), '42');
      } finally {
        await opened.close();
      }
    });
  }

  it('opens and closes dialogs, and focus comes back', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(opened.url);
      await ready(page);
      for (const name of ['Examples', 'Share']) {
        const button = page.getByRole('button', { name, exact: true });
        await button.focus();
        await page.keyboard.press('Enter');
        await page.getByRole('dialog').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        assert.equal(await button.evaluate((each) => each.matches(':focus')), true, name);
      }
    } finally {
      await opened.close();
    }
  });
});

describe('themes and motion', () => {
  it('follow the choice, which stays, else the system', async () => {
    const opened = await open({ dark: true });
    try {
      const { page } = opened;
      await page.goto(opened.url);
      await ready(page);
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(await background(), 'rgb(21, 23, 28)');
      await page.emulateMedia({ colorScheme: 'light' });
      assert.equal(await background(), 'rgb(255, 255, 255)');
      await page.getByLabel('Theme').selectOption('dark');
      assert.equal(await background(), 'rgb(21, 23, 28)');
      await page.reload();
      await ready(page);
      assert.equal(await background(), 'rgb(21, 23, 28)');
    } finally {
      await opened.close();
    }
  });

  it('stand still where motion is not wanted', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.goto(opened.url);
      await ready(page);
      const moving = await page.evaluate(() => {
        /** @type {string[]} */
        const found = [];
        /** @param {Document | ShadowRoot} root */
        const walk = (root) => {
          for (const element of root.querySelectorAll('*')) {
            const style = getComputedStyle(element);
            const durations = [style.transitionDuration, style.animationDuration].flatMap((each) => each.split(', '));
            if (!element.closest('.cm-editor') && durations.some((each) => parseFloat(each) > 0))
              found.push(element.localName + element.className);
            if (element.shadowRoot) walk(element.shadowRoot);
          }
        };
        walk(document);
        return found;
      });
      assert.deepEqual(moving, []);
    } finally {
      await opened.close();
    }
  });
});

describe('what the page may do', () => {
  it('is said by a strict policy, in the page and by the server; no script or style stands in the page', async () => {
    for (const name of ['index.html', 'embed.html']) {
      const html = readFileSync(`www/dist/${name}`, 'utf8');
      const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? '';
      assert.match(policy, /^default-src 'self';/);
      assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
      assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\son[a-z]+=|\sstyle=/);
    }
  });

  it('asks nobody else for anything, whatever one does', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(opened.url);
      await ready(page);
      for (const view of VIEWS) {
        await page.getByRole('tab', { name: new RegExp(`^${view}`) }).click();
        await page.waitForTimeout(100);
      }
      await page.getByRole('tab', { name: /^Request/ }).click();
      await page.getByRole('button', { name: 'Ask' }).click();
      await page.getByRole('button', { name: 'Share' }).click();
      const waiting = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download YAML' }).click();
      const download = await waiting;
      const yaml = await readFile(await download.path(), 'utf8');
      for (const { text } of await files(page)) assert.ok(yaml.includes(text.trimEnd()));
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Examples' }).click();
      await page.getByRole('dialog').getByRole('button').nth(5).click();
      await paste(opened, 'type: Mesh\nname: default\n# https://elsewhere.example/x.yaml\n');
      await page.waitForTimeout(1000);
      const elsewhere = opened.requests.filter((url) => !url.startsWith(opened.url) && !/^(blob|data):/.test(url));
      assert.deepEqual(elsewhere, []);
      assert.deepEqual(opened.errors, []);
    } finally {
      await opened.close();
    }
  });
});

describe('files', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  const MESH = 'type: Mesh\r\nname: default\r\nmeshServices: { mode: Exclusive }\r\n';
  const WORLD = `# kept,   as  it is  \ntype: Dataplane\nname: a-1\nmesh: default\nnetworking: { address: 10.0.0.1, inbound: [ {port: 80 , name: main, tags: {kuma.io/service: a}} ] }
---
type: MeshTimeout
name: slow
mesh: default
spec: { to: [{ targetRef: { kind: MeshService, name: a }, default: { connectionTimeout: 1s } }] }
`;
  before(async () => {
    opened = await open();
    await opened.page.goto(`${opened.url}#example=wrong-port`);
    await ready(opened.page);
  });
  after(() => opened.close());

  it('are opened when they are dropped; what is no YAML is not', async () => {
    const { page } = opened;
    await hand(page, 'drop', { 'dropped.yaml': MESH, 'picture.png': 'x' });
    await page.getByRole('tab', { name: 'dropped.yaml' }).waitFor();
    assert.equal(await page.getByRole('tab', { name: 'picture.png' }).count(), 0);
  });

  it('are opened when they are pasted', async () => {
    const { page } = opened;
    await hand(page, 'paste', { 'pasted.yaml': WORLD });
    await page.getByRole('tab', { name: 'pasted.yaml' }).waitFor();
    await page.getByRole('button', { name: 'slow', exact: true }).waitFor();
    assert.equal((await files(page)).find((each) => each.name === 'pasted.yaml')?.text, WORLD);
  });

  it('are opened from the disk', async () => {
    const { page } = opened;
    const waiting = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    const file = { name: 'disk.yaml', mimeType: 'application/yaml', buffer: Buffer.from('# from the disk\n') };
    await (await waiting).setFiles([file]);
    await page.getByRole('tab', { name: 'disk.yaml' }).waitFor();
  });

  it('keep their format, line ends too, in links, after a reload and where marks stand', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: 'dropped.yaml' }).click();
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    await page.keyboard.press('Escape');
    const state = await fromLink(new URL(link).hash.slice(1));
    const texts = Object.fromEntries((state?.files ?? []).map(({ name, text }) => [name, text]));
    assert.equal(texts['dropped.yaml'], MESH);
    assert.equal(texts['pasted.yaml'], WORLD);
    await page.waitForTimeout(500);
    await page.reload();
    await page.getByRole('tab', { name: 'dropped.yaml' }).click();
    // a place in a file of many lines that end in CR LF
    const many = `${'# a line\r\n'.repeat(60)}type: MeshTimeout\r\nname: odd\r\nmesh: default\r\nspec: { to: [{ targetRef: { kind: MeshService, name: none }, default: { connectionTimeout: 1s } }] }\r\n`;
    await hand(page, 'drop', { 'many.yaml': many });
    await page.getByRole('tab', { name: /^Rules/ }).click();
    await page.locator('tr.row', { hasText: 'none' }).getByRole('cell').nth(1).click();
    await page.locator('.cm-activeLine', { hasText: 'name: none' }).waitFor();
    assert.match(await page.locator('.ms-focus').innerText(), /kind: MeshService, name: none/);
  });

  it('have an outline that leads to each document', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: 'pasted.yaml' }).click();
    const outline = page.getByRole('combobox', { name: /^Go to/ });
    assert.deepEqual(
      (await outline.locator('option').allInnerTexts()).map((each) => each.trim()),
      ['2 documents', 'Dataplane a-1', 'MeshTimeout slow'],
    );
    await outline.selectOption('1');
    await page.locator('.cm-activeLine', { hasText: 'type: MeshTimeout' }).waitFor();
  });
});

describe('caret and answer', () => {
  it('follow each other in every view that shows references or services', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(opened.url);
      await ready(page);
      await page.getByRole('tab', { name: /^Services/ }).click();
      await page.getByRole('button', { name: 'redis', exact: true }).first().click();
      await page.locator('.cm-activeLine', { hasText: 'type: MeshService' }).waitFor();
      await page.getByRole('textbox', { name: 'YAML' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.locator('ms-services article[aria-current]', { hasText: 'redis' }).waitFor();
      await page.getByRole('tab', { name: /^Problems/ }).click();
      await page.getByRole('button', { name: 'west.yaml, line 119' }).click();
      await page.locator('.cm-activeLine', { hasText: 'kind: MeshService' }).waitFor();
      const current = page.locator('ms-problems li[aria-current]');
      assert.match((await current.textContent()) ?? '', /west\.yaml, line 119/);
      await page.getByRole('textbox', { name: 'YAML' }).focus();
      for (let line = 0; line < 40; line++) await page.keyboard.press('ArrowUp');
      await current.waitFor({ state: 'detached' });
      for (let line = 0; line < 40; line++) await page.keyboard.press('ArrowDown');
      await current.filter({ hasText: 'west.yaml, line 119' }).waitFor();
      await page.getByRole('tab', { name: /^Proxies/ }).click();
      await page.locator('ms-proxies').getByRole('button', { name: 'test-server-v2-path' }).first().click();
      await page
        .locator('.cm-activeLine', { hasText: 'type: MeshHTTPRoute' })
        .or(page.locator('.cm-activeLine', { hasText: /matches|path/ }))
        .first()
        .waitFor();
      assert.deepEqual(opened.errors, []);
    } finally {
      await opened.close();
    }
  });
});

describe('one key twice', () => {
  it('has a fix that removes the one that does not count', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(`${opened.url}#example=last-key&view=problems`);
      await page.getByRole('button', { name: 'Remove the first connectionTimeout' }).click();
      await page.getByRole('heading', { name: 'No problems' }).waitFor();
      const [file] = await files(page);
      assert.equal(file?.text.match(/connectionTimeout/g)?.length, 1);
      assert.match(file?.text ?? '', /connectionTimeout: 1s/);
    } finally {
      await opened.close();
    }
  });
});
