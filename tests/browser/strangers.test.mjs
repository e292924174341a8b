// What strangers send: links, fragments and messages for frames, attributes of the element.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createDeflateRaw } from 'node:zlib';
import { after, before, describe, it } from 'node:test';
import { embedSnippets, toFragment } from 'meshscope/embed';
import { toLink } from 'meshscope/link';
import { serve } from '../../scripts/serve.mjs';
import { open } from './browser.mjs';

const WORLD = `type: Mesh
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
spec: { to: [{ targetRef: { kind: MeshService, name: shop }, default: { connectionTimeout: 1s } }] }
`;
const files = [{ name: 'world.yaml', text: WORLD, zone: '', environment: /** @type {const} */ ('') }];

/** A small link that inflates to hundreds of megabytes. */
async function bomb() {
  const deflate = createDeflateRaw({ level: 9 });
  const packed = buffer(deflate);
  deflate.write('{"f":[["a","');
  const part = Buffer.alloc(1 << 20, 'a');
  for (let n = 0; n < 300; n++) if (!deflate.write(part)) await once(deflate, 'drain');
  deflate.end('","",""]]}');
  return `1.${(await packed).toString('base64url')}`;
}

/** @param {unknown} wire */
async function pack(wire) {
  const deflate = createDeflateRaw();
  const packed = buffer(deflate);
  deflate.end(JSON.stringify(wire));
  return `1.${(await packed).toString('base64url')}`;
}

/** Everything that markup could have brought to life, through all shadow roots. @param {import('playwright-core').Page} page */
const alive = (page) =>
  page.evaluate(() => {
    /** @type {string[]} */
    const found = [];
    /** @param {Document | ShadowRoot} root */
    const walk = (root) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.matches('img[src=x], mesh-scope script:not([type])')) found.push(element.outerHTML);
        if (element.shadowRoot) walk(element.shadowRoot);
      }
    };
    walk(document);
    if ('pwned' in window) found.push('a script ran');
    return found;
  });

describe('links of strangers', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
  });
  after(() => opened.close());

  /** Opens a link and gives what the page says of it. @param {string} fragment */
  const say = async (fragment) => {
    await opened.page.goto('about:blank');
    await opened.page.goto(`${opened.url}#${fragment}`);
    const alert = opened.page.getByRole('alert');
    await alert.waitFor();
    // and there is something to go on with
    await opened.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
    return alert.innerText();
  };

  for (const [what, fragment] of /** @type {const} */ ([
    ['no base64', '1.%%%'],
    ['no deflate', '1.AAAA'],
    ['nothing', '1.'],
    ['markup', '1.<img src=x onerror=pwned=1>'],
  ])) {
    it(`that hold ${what} are refused with the reason`, async () => {
      assert.match(await say(fragment), /cannot be read/);
      assert.deepEqual(await alive(opened.page), []);
    });
  }

  it('that are cut off are refused', async () => {
    assert.match(await say((await toLink({ files })).slice(0, -40)), /cut off/);
  });

  it('of a newer version are refused as such', async () => {
    assert.match(await say('2.AAAA'), /newer meshscope/);
    await opened.page.getByRole('button', { name: 'OK', exact: true }).click();
    await opened.page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('that inflate to hundreds of megabytes are refused within seconds', async (t) => {
    const fragment = await bomb();
    assert.ok(fragment.length < 500_000);
    const start = performance.now();
    assert.match(await say(fragment), /too large/);
    const took = Math.round(performance.now() - start);
    t.diagnostic(`${fragment.length} characters that would be 300 MB are refused in ${took} ms, page load included`);
    assert.ok(took < 8000, `${took}`);
  });

  it('with 100,000 files are refused', async () => {
    assert.match(
      await say(await pack({ f: Array.from({ length: 100_000 }, () => ['a', 'b', '', '']) })),
      /cannot be read/,
    );
  });

  it('with fields that make no sense show the files', async () => {
    const odd = {
      f: [['w.yaml', WORLD, 7, {}]],
      a: 99,
      v: 'nowhere',
      z: [],
      p: 'x'.repeat(1e5),
      m: 'Never',
      s: '__proto__',
      r: [[], [1], ['a', '', 'b:80', '', '/', 'no header']],
      d: [
        'x',
        [
          ['__proto__', 'meshService'],
          ['a', 'b'],
        ],
      ],
    };
    await opened.page.goto('about:blank');
    await opened.page.goto(`${opened.url}#${await pack(odd)}`);
    await opened.page.getByRole('tab', { name: 'w.yaml' }).waitFor();
    await opened.page.getByRole('tab', { name: /^Rules/ }).click();
    await opened.page.getByRole('button', { name: 'slow', exact: true }).waitFor();
    for (const view of ['Map', 'Services', 'Proxies', 'Request', 'Migration', 'Problems']) {
      await opened.page.getByRole('tab', { name: new RegExp(`^${view}`) }).click();
      await opened.page.waitForTimeout(100);
    }
    assert.deepEqual(opened.errors, []);
  });

  it('do not take away what one had: the back button leads there', async () => {
    const { page, url } = opened;
    await page.goto(`${url}#${await toLink({ files, view: 'rules' })}`);
    await page.getByRole('button', { name: 'slow', exact: true }).waitFor();
    await page.waitForTimeout(500);
    await page.evaluate(() => {
      location.hash = '#1.garbage';
    });
    await page.getByRole('alert').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'slow', exact: true }).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  });

  it('ask nobody else and run nothing', () => {
    const elsewhere = opened.requests.filter((url) => !url.startsWith(opened.url) && !/^(blob|data|about):/.test(url));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(opened.errors, []);
  });
});

describe('a frame in the page of a stranger', () => {
  const around = mkdtempSync(join(tmpdir(), 'meshscope-stranger-'));
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  /** @type {{ url: string, close: () => Promise<void> }} */
  let docs;
  before(async () => {
    docs = await serve(around, 0, "default-src * data: 'unsafe-inline'");
    opened = await open();
  });
  after(async () => {
    await opened.close();
    await docs.close();
    rmSync(around, { recursive: true, force: true });
  });

  /** Shows the frame with a fragment. @param {string} fragment */
  const frame = async (fragment) => {
    writeFileSync(
      join(around, 'index.html'),
      `<!doctype html><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,">
      <script>heard = []; addEventListener('message', (event) => heard.push([event.origin, event.data]))</script>
      <iframe style="width:900px;height:600px" src="${opened.url}embed.html#${fragment.replaceAll('&', '&amp;')}"></iframe>`,
    );
    await opened.page.goto('about:blank');
    await opened.page.goto(docs.url);
    return opened.page.frameLocator('iframe');
  };

  it('does not listen: messages of any shape and size change nothing', async () => {
    const inside = await frame(toFragment({ link: await toLink({ files }), view: 'rules' }));
    await inside.getByRole('button', { name: 'slow', exact: true }).waitFor();
    const before = await inside.locator('body').evaluate(() => document.querySelector('mesh-scope')?.sources[0]?.text);
    await opened.page.evaluate(() => {
      const target = document.querySelector('iframe')?.contentWindow;
      const cycle = { type: 'answered', id: 1 };
      Object.assign(cycle, { cycle });
      for (const message of [
        null,
        0,
        'ask',
        { type: 'ask', id: 1, client: 1, sources: [] },
        { type: 'answered', id: 1, answers: { evaluation: {} } },
        { type: 'crashed', id: 1, message: '<img src=x onerror=pwned=1>' },
        { type: 'meshscope-size', height: 1e9 },
        cycle,
        new ArrayBuffer(50_000_000),
        'x'.repeat(20_000_000),
        Array.from({ length: 100_000 }, (_, n) => ({ n })),
      ]) {
        target?.postMessage(message, '*');
      }
      for (let n = 0; n < 2000; n++) target?.postMessage({ type: 'meshscope-size', height: n }, '*');
    });
    await opened.page.waitForTimeout(500);
    assert.equal(
      await inside.locator('body').evaluate(() => document.querySelector('mesh-scope')?.sources[0]?.text),
      before,
    );
    await inside.getByRole('tab', { name: /^Services/ }).click();
    await inside.getByRole('article', { name: 'MeshService shop' }).waitFor();
    assert.deepEqual(opened.errors, []);
  });

  it('says nothing but its height, and that to the page around it only, whatever the fragment names', async () => {
    const fragment = toFragment({ link: await toLink({ files }), parent: 'https://elsewhere.example' });
    const inside = await frame(fragment);
    await inside.getByRole('button', { name: 'slow', exact: true }).waitFor();
    await opened.page.waitForFunction(() => /** @type {unknown[]} */ (Reflect.get(window, 'heard')).length > 0);
    const heard = /** @type {[string, Record<string, unknown>][]} */ (
      await opened.page.evaluate(() => Reflect.get(window, 'heard'))
    );
    for (const [origin, data] of heard) {
      assert.equal(`${origin}/`, opened.url);
      assert.deepEqual(Object.keys(data).sort(), ['height', 'type']);
      assert.ok(Number(data['height']) >= 240 && Number(data['height']) <= 2000);
    }
  });

  it('says that its link cannot be read', async () => {
    const inside = await frame('link=1.AAAA');
    await inside
      .getByRole('alert')
      .getByText(/cannot be read/)
      .waitFor();
  });

  it('loads no YAML from elsewhere: its policy forbids it', async () => {
    for (const src of [
      `${docs.url}index.html`,
      'https://elsewhere.example/w.yaml',
      'data:text/plain,type: Mesh',
      'javascript:pwned=1',
    ]) {
      opened.requests.length = 0;
      const inside = await frame(toFragment({ src }));
      await inside.getByRole('alert').first().waitFor();
      assert.deepEqual(
        opened.requests.filter((url) => url.includes('elsewhere.example') || url.startsWith('javascript:')),
        [],
      );
    }
  });
});

describe('attributes with markup', () => {
  it('are text, on the element and in the snippets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshscope-markup-'));
    cpSync('www/dist', folder, { recursive: true });
    const evil = `"><img src=x onerror=pwned=1><script>pwned=1</script>'`;
    const attribute = evil.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    const attributes = ['view', 'focus', 'request', 'mode', 'theme', 'editor', 'part', 'class']
      .map((name) => `${name}="${attribute}"`)
      .join(' ');
    const { element } = await embedSnippets(
      {
        files: [{ name: evil, text: `${WORLD}# </script>${evil}<!-- -->\n`, zone: '', environment: '' }],
        view: 'rules',
        mode: evil,
      },
      'http://localhost/',
      { focus: evil, request: evil, theme: evil },
    );
    const page = (/** @type {string} */ body) =>
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title><link rel="icon" href="data:,"><script type="module" src="mesh-scope.js"></script>${body}`;
    writeFileSync(
      join(folder, 'a.html'),
      page(
        `<mesh-scope ${attributes}><script type="application/yaml" data-name="${attribute}">\n${WORLD}</script></mesh-scope>`,
      ),
    );
    writeFileSync(
      join(folder, 'b.html'),
      page(element.replace(/<(link|script type="module")[^>]*>(<\/script>)?/g, '')),
    );
    const opened = await open({ folder });
    try {
      for (const name of ['a.html', 'b.html']) {
        await opened.page.goto(opened.url + name);
        await opened.page.getByRole('tab', { name: /^Rules/ }).click();
        await opened.page.getByRole('button', { name: 'slow', exact: true }).waitFor();
        const told = await opened.page.evaluate(() =>
          document.querySelector('mesh-scope')?.sources.map((each) => each.name),
        );
        assert.deepEqual(told, [evil]);
        assert.deepEqual(await alive(opened.page), []);
      }
      assert.deepEqual(opened.errors, []);
    } finally {
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
