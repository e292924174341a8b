// `<mesh-scope>` in pages of others: what markup can say, several on a page, in a shadow root, under a strict policy, and
// without script. The pages load the files that the playground offers: mesh-scope.js and mesh-scope.css.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { open } from './browser.mjs';

/** @typedef {import('./browser.mjs').Opened} Opened */

const read = (/** @type {string} */ name) =>
  readFileSync(new URL(`../../gallery/seed/${name}`, import.meta.url), 'utf8');
const script = (/** @type {string} */ name, /** @type {string} */ zone) =>
  `<script type="application/yaml" data-name="${name}"${zone ? ` data-zone="${zone}"` : ''}>\n${read(name)}</script>`;
const YAML = script('west.yaml', 'west') + script('east.yaml', 'east') + script('mesh.yaml', '');
const SMALL = `type: Dataplane
name: web-1
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{port: 80, tags: {kuma.io/service: web}}]`;

const folder = mkdtempSync(join(tmpdir(), 'meshscope-element-'));
cpSync('www/dist', folder, { recursive: true });
cpSync('gallery/seed', join(folder, 'yaml'), { recursive: true });

/**
 * @param {string} name
 * @param {string} body
 */
function page(name, body, head = '<script type="module" src="mesh-scope.js"></script>') {
  writeFileSync(
    join(folder, name),
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,">
    <link rel="stylesheet" href="mesh-scope.css">${head}</head><body>${body}</body></html>`,
  );
}

after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {Opened} opened */
const clean = (opened) => assert.deepEqual(opened.errors, []);

describe('the element', () => {
  /** @type {Opened} */
  let opened;
  before(async () => {
    opened = await open({ folder });
  });
  after(() => opened.close());

  it('loads the editor only where there is to be one', async () => {
    page('alone.html', `<mesh-scope editor="off" view="rules">${YAML}</mesh-scope>`);
    page('beside.html', `<mesh-scope view="rules">${YAML}</mesh-scope>`);
    const { page: tab, requests } = opened;
    const loaded = async (/** @type {string} */ name) => {
      requests.length = 0;
      await tab.goto(`${opened.url}${name}`);
      await tab.getByRole('row').filter({ hasText: 'to[0].targetRef' }).first().waitFor();
      return requests.filter((url) => /\/editor-[^/]*\.js$/.test(url)).length;
    };
    assert.equal(await loaded('alone.html'), 0);
    assert.equal(await tab.locator('mesh-scope .cm-editor').count(), 0);
    assert.equal(await loaded('beside.html'), 1);
    await tab.locator('mesh-scope .cm-editor').waitFor();
    // and a page may ask for it later
    await tab.goto(`${opened.url}alone.html`);
    await tab.evaluate(() => document.querySelector('mesh-scope')?.removeAttribute('editor'));
    await tab.locator('mesh-scope .cm-editor').waitFor();
    clean(opened);
  });

  it('reads several scripts with names and zones, and shows the view, reference and theme that attributes name', async () => {
    page(
      'a.html',
      `<mesh-scope view="rules" focus="MeshTimeout/test-server-alt to[0]" theme="dark">${YAML}</mesh-scope>`,
    );
    const { page: tab } = opened;
    await tab.goto(`${opened.url}a.html`);
    const row = tab.locator('tr[aria-current=true]');
    await row.waitFor();
    assert.match(await row.innerText(), /section 8080/);
    assert.equal(await tab.getByRole('tab', { name: 'west.yaml' }).getAttribute('aria-selected'), 'true');
    const zone = await tab.evaluate(() => document.querySelector('mesh-scope')?.sources.map((each) => each.zone));
    assert.deepEqual(zone, ['west', 'east', undefined]);
    const background = await tab.evaluate(
      () => getComputedStyle(document.querySelector('mesh-scope') ?? document.body).backgroundColor,
    );
    assert.equal(background, 'rgb(21, 23, 28)');
    clean(opened);
  });

  it('tries the request that an attribute names', async () => {
    page('b.html', `<mesh-scope request="web-1 GET http://test-server:80/v2">${YAML}</mesh-scope>`);
    await opened.page.goto(`${opened.url}b.html`);
    const probe = opened.page.getByRole('article', { name: 'GET http://test-server:80/v2' });
    await probe.waitFor();
    await probe.getByText('100 % to').waitFor();
    clean(opened);
  });

  it('loads what src names, with the zone behind #, and tells its result', async () => {
    page(
      'c.html',
      '<mesh-scope src="yaml/west.yaml#west yaml/east.yaml#east yaml/mesh.yaml" editor="off"></mesh-scope>',
    );
    const { page: tab } = opened;
    await tab.goto(`${opened.url}c.html`);
    await tab.getByRole('table', { name: 'What each reference hits' }).waitFor();
    const result = await tab.evaluate(() => {
      const { result, sources } = document.querySelector('mesh-scope') ?? {};
      return {
        schema: result?.schemaVersion,
        kuma: result?.kumaVersion,
        names: sources?.map((each) => `${each.name} ${each.zone}`),
      };
    });
    assert.deepEqual(result, {
      schema: 1,
      kuma: '2.14.3',
      names: ['west.yaml west', 'east.yaml east', 'mesh.yaml undefined'],
    });
    assert.equal(await tab.getByRole('textbox', { name: 'YAML' }).count(), 0);
    clean(opened);
  });

  it('says that src could not be loaded', async () => {
    page('d.html', '<mesh-scope src="yaml/none.yaml"></mesh-scope>');
    await opened.page.goto(`${opened.url}d.html`);
    await opened.page.getByText('none.yaml: status 404').waitFor();
    opened.errors.length = 0; // the browser's own line about the 404
  });

  it('takes sources as a property, and tells edits and results as events', async () => {
    page('e.html', '<p>empty</p>');
    const { page: tab } = opened;
    await tab.goto(`${opened.url}e.html`);
    const told = await tab.evaluate(async (text) => {
      await customElements.whenDefined('mesh-scope');
      const scope = document.createElement('mesh-scope');
      /** @type {string[]} */
      const events = [];
      const first = new Promise((done) => scope.addEventListener('mesh-scope-result', done, { once: true }));
      scope.addEventListener('mesh-scope-edit', ({ detail }) => events.push(`edit ${detail.length}`));
      scope.sources = [{ name: 'a.yaml', text, zone: 'west' }];
      document.body.append(scope);
      const result = /** @type {CustomEvent<import('meshscope').Evaluation>} */ (await first);
      scope.session.change(scope.session.files[0]?.id ?? 0, { text: `${text}\n# more` });
      return { documents: result.detail.summary.documents.length, composed: result.composed, events };
    }, SMALL);
    assert.deepEqual(told, { documents: 1, composed: true, events: ['edit 1'] });
    clean(opened);
  });

  it('cannot be edited when it is readonly', async () => {
    page('f.html', `<mesh-scope readonly><script type="application/yaml">\n${SMALL}\n</script></mesh-scope>`);
    await opened.page.goto(`${opened.url}f.html`);
    const editor = opened.page.getByRole('textbox', { name: 'YAML' });
    await editor.waitFor();
    await editor.click();
    await opened.page.keyboard.type('x');
    const text = await opened.page.evaluate(() => document.querySelector('mesh-scope')?.sources[0]?.text);
    assert.equal(text?.trim(), SMALL);
    assert.equal(await opened.page.getByRole('button', { name: 'New file' }).count(), 0);
    clean(opened);
  });

  it('reads what Markdown makes of fenced blocks, and takes style from custom properties and parts', async () => {
    page(
      'g.html',
      `<style nonce="x">mesh-scope::part(foot) { display: none }</style><div data-zone="west"><pre><code class="language-yaml"><span>${SMALL.split('\n').join('</span>\n<span>')}</span></code></pre></div>`.replace(
        /^(.*?<\/style>)(.*)$/s,
        '<mesh-scope style="--ms-accent: rgb(1, 2, 3)">$2</mesh-scope>',
      ),
    );
    await opened.page.goto(`${opened.url}g.html`);
    await opened.page.getByText('evaluated in').waitFor();
    const read = await opened.page.evaluate(() => document.querySelector('mesh-scope')?.sources);
    assert.equal(read?.[0]?.text, `${SMALL}\n`);
    assert.equal(read?.[0]?.zone, 'west');
    opened.errors.length = 0; // the page's policy refuses its own style attribute
  });
});

describe('several elements on one page', () => {
  /** @type {Opened} */
  let opened;
  before(async () => {
    opened = await open({ folder });
  });
  after(() => opened.close());

  it('share one worker, and one far below the screen waits until it is near', async () => {
    const one = `<mesh-scope view="services"><script type="application/yaml" data-zone="west">\n${SMALL}\n</script></mesh-scope>`;
    page('three.html', `${one}${one}${'<p>text</p>'.repeat(400)}${one}`);
    const { page: tab } = opened;
    let workers = 0;
    tab.on('worker', () => workers++);
    await tab.goto(`${opened.url}three.html`);
    const services = tab.getByRole('article', { name: 'MeshService web' });
    await services.nth(1).waitFor();
    assert.equal(await services.count(), 2);
    await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await services.nth(2).waitFor();
    assert.equal(workers, 1);
    clean(opened);
  });

  it('do not load the engine at all before one is near', async () => {
    page(
      'below.html',
      `${'<p>text</p>'.repeat(400)}<mesh-scope><script type="application/yaml">\n${SMALL}\n</script></mesh-scope>`,
    );
    const { page: tab } = opened;
    opened.requests.length = 0;
    await tab.goto(`${opened.url}below.html`);
    await tab.evaluate(() =>
      customElements.whenDefined('mesh-scope').then(() => new Promise((done) => setTimeout(done, 300))),
    );
    assert.deepEqual(
      opened.requests.filter((url) => url.endsWith('.wasm')),
      [],
    );
    await tab.evaluate(() => document.querySelector('mesh-scope')?.scrollIntoView());
    await tab.getByText('evaluated in').waitFor();
    assert.equal(opened.requests.filter((url) => url.endsWith('.wasm')).length, 1);
    clean(opened);
  });

  it('stop and start again when they leave the page and come back', async () => {
    page('move.html', `<mesh-scope><script type="application/yaml">\n${SMALL}\n</script></mesh-scope>`);
    const { page: tab } = opened;
    await tab.goto(`${opened.url}move.html`);
    await tab.getByText('evaluated in').waitFor();
    const again = await tab.evaluate(async () => {
      const scope = document.querySelector('mesh-scope');
      if (!scope) return 0;
      scope.remove();
      await new Promise((done) => setTimeout(done, 50));
      const result = new Promise((done) => scope.addEventListener('mesh-scope-result', () => done(1), { once: true }));
      document.body.append(scope);
      return result;
    });
    assert.equal(again, 1);
    clean(opened);
  });
});

describe('the element inside a shadow root', () => {
  it('works as anywhere', async () => {
    page(
      'shadow.html',
      `<div><template shadowrootmode="open"><mesh-scope view="rules">${YAML}</mesh-scope></template></div>`,
    );
    const opened = await open({ folder });
    try {
      await opened.page.goto(`${opened.url}shadow.html`);
      await opened.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
      const editor = opened.page.getByRole('textbox', { name: 'YAML' });
      await editor.click();
      await opened.page.keyboard.press('Control+Home');
      await opened.page.keyboard.type('# typed');
      await opened.page.waitForFunction(() =>
        document.querySelector('div')?.shadowRoot?.querySelector('mesh-scope')?.sources[0]?.text.startsWith('# typed'),
      );
      clean(opened);
    } finally {
      await opened.close();
    }
  });
});

describe('the element without script', () => {
  it('leaves its YAML to be read', async () => {
    page('plain.html', `<mesh-scope>${YAML}</mesh-scope>`);
    const opened = await open({ folder, script: false });
    try {
      await opened.page.goto(`${opened.url}plain.html`);
      const blocks = opened.page.locator('mesh-scope > script');
      assert.equal(await blocks.count(), 3);
      for (const block of await blocks.all()) {
        const box = await block.boundingBox();
        assert.ok(box && box.height > 100 && box.width > 100, JSON.stringify(box));
      }
    } finally {
      await opened.close();
    }
  });
});
