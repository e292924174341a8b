// Names that want to fool: characters that nobody sees or that turn the line around, and names of 10 kB.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { toLink } from 'meshscope/link';
import { open, violations } from './browser.mjs';

const VIEWS = ['Map', 'Rules', 'Services', 'Proxies', 'Request', 'Migration', 'Problems'];
// what one does not see, other than the space and the line break that templates have
const HIDDEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2066\u2067\u2069\ufeff]/;

/** A world in which names carry the text wherever Kuma takes it, and a document that Kuma refuses for it. @param {string} text */
const world = (text) => {
  const name = (/** @type {string} */ stem) => JSON.stringify(`${stem}${text}`);
  return `type: Mesh
name: default
meshServices: { mode: Exclusive }
---
type: MeshService
name: ${name('refused')}
mesh: default
labels: { ${name('label')}: ${name('value')} }
spec:
  selector: { dataplaneTags: { app: ${name('app')} } }
  ports: [{ name: ${name('web')}, port: 80, targetPort: 80, appProtocol: http }]
---
type: MeshService
name: plain
mesh: default
labels: { team: shop }
spec:
  selector: { dataplaneTags: { app: plain } }
  ports: [{ name: ${name('web')}, port: 80, targetPort: 80, appProtocol: http }]
---
type: Dataplane
name: ${name('proxy')}
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{ port: 80, name: ${name('main')}, tags: { kuma.io/service: svc, app: plain } }]
---
type: Dataplane
name: proxy-1
mesh: default
networking:
  address: 10.0.0.2
  inbound: [{ port: 80, name: main, tags: { kuma.io/service: svc, app: plain } }]
  transparentProxying: { redirectPortInbound: 15006, redirectPortOutbound: 15001 }
---
type: MeshHTTPRoute
name: route
mesh: default
spec:
  to:
    - targetRef: { kind: MeshService, name: plain }
      rules:
        - matches: [{ path: { type: PathPrefix, value: ${name('/')} } }]
          default: { backendRefs: [{ kind: MeshService, name: plain, port: 80 }] }
---
type: MeshTimeout
name: slow
mesh: default
spec:
  to:
    - targetRef: { kind: MeshService, labels: { team: ${name('team')} } }
      default: { connectionTimeout: 1s }
`;
};

/** @param {string} text */
const link = (text, name = 'world.yaml') =>
  toLink({
    files: [{ name, text, zone: '', environment: '' }],
    requests: [
      {
        from: 'default/proxy-1',
        zone: 'default',
        to: 'plain:80',
        method: 'GET',
        path: `/${text.includes('\u200b') ? '\u200b' : '\u202e'}x`,
        headers: '',
      },
    ],
    view: 'rules',
  });

/** All text that an element shows or says, through all shadow roots. @param {Element} element */
function read(element) {
  /** @type {string[]} */
  const found = [];
  /** @param {Node} node */
  const walk = (node) => {
    if (node instanceof Text && node.parentElement?.localName !== 'style') found.push(node.data);
    if (node instanceof Element) {
      for (const name of ['aria-label', 'title']) found.push(node.getAttribute(name) ?? '');
      if (node.shadowRoot) walk(node.shadowRoot);
    }
    for (const child of node.childNodes) walk(child);
  };
  walk(element);
  return found.join(' ').replace(/[ \n]+/g, ' ');
}

for (const [what, text, shown] of /** @type {const} */ ([
  ['a right-to-left override', '\u202e', 'U\\+202E'],
  ['a zero width space', '\u200b', 'U\\+200B'],
])) {
  describe(`names with ${what}`, () => {
    /** @type {import('./browser.mjs').Opened} */
    let opened;
    before(async () => {
      opened = await open();
      await opened.page.goto(`${opened.url}#${await link(world(text), `west${text}.yaml`)}`);
      await opened.page.getByRole('tab', { name: /^Rules/ }).click();
      await opened.page.locator('tr.row').first().waitFor();
    });
    after(() => opened.close());

    it('show it in the tab, the editor and what stands behind its lines', async () => {
      const { page } = opened;
      assert.match(await page.getByRole('tab', { name: /^west/ }).innerText(), new RegExp(shown));
      assert.equal((await page.locator('.ms-hidden', { hasText: new RegExp(shown) }).count()) > 3, true);
    });

    for (const view of VIEWS) {
      it(`show it in ${view}`, async () => {
        const { page } = opened;
        await page.getByRole('tab', { name: new RegExp(`^${view}`) }).click();
        await page.waitForTimeout(200);
        if (view === 'Rules') {
          const closed = page.locator('ms-rules').getByRole('button', { expanded: false });
          while ((await closed.count()) > 0) await closed.first().click();
        }
        const all = await page.locator('body').evaluate(read);
        assert.deepEqual(
          all.split(' ').filter((line) => HIDDEN.test(line)),
          [],
        );
        if (view !== 'Migration') assert.match(await page.locator('#panel').evaluate(read), new RegExp(shown));
        assert.deepEqual(await violations(page), []);
      });
    }

    it('still reach the engine as they are', async () => {
      const { page } = opened;
      await page.getByRole('tab', { name: /^Proxies/ }).click();
      await page
        .locator('ms-proxies')
        .getByRole('heading', { name: /outbound/ })
        .waitFor();
      await page.getByRole('tab', { name: /^Request/ }).click();
      const probe = page.locator('article.probe');
      assert.match(await probe.innerText(), /it goes to/);
      assert.match((await probe.getAttribute('aria-label')) ?? '', new RegExp(`/⟦${shown}⟧x`));
    });

    it('show it in copied Markdown, which says so', async () => {
      const { page, context } = opened;
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByRole('button', { name: 'Copy as Markdown' }).click();
      await page.getByText('Markdown copied').waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      await page.keyboard.press('Escape');
      assert.doesNotMatch(copied, HIDDEN);
      assert.match(copied, new RegExp(`web⟦${shown}⟧ 80`));
      assert.match(copied, /\d+ characters? that one does not see/);
    });

    it('stay in the text', async () => {
      const kept = await opened.page.evaluate(() => {
        const scope = /** @type {import('meshscope/element').MeshScope | null | undefined} */ (
          document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope')
        );
        return scope?.session.file?.text;
      });
      assert.equal(kept, world(text));
      assert.deepEqual(opened.errors, []);
    });
  });
}

describe('names from right to left', () => {
  it('keep to themselves: what stands beside them stays where it is', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(`${opened.url}#${await link(world('שלום'))}`);
      const hit = page.locator('ms-rules .hit', { hasText: 'webשלום' }).first();
      await hit.waitFor();
      assert.equal(await hit.locator('.port').evaluate((each) => getComputedStyle(each).unicodeBidi), 'isolate');
      const [name, port, zone] = await Promise.all(
        ['.link', '.port', '.zone'].map(async (part) => (await hit.locator(part).boundingBox())?.x ?? -1),
      );
      assert.ok(Number(name) < Number(port) && Number(port) < Number(zone));
      assert.match((await page.locator('.ms-inlay').allInnerTexts()).join(' '), /\u2068webשלום 80\u2069 · default/);
    } finally {
      await opened.close();
    }
  });
});

for (const width of [1280, 360]) {
  describe(`names of 10 kB at ${width} px`, () => {
    /** @type {import('./browser.mjs').Opened} */
    let opened;
    before(async () => {
      opened = await open({ width, height: 800 });
      await opened.page.goto(`${opened.url}#${await link(world('x'.repeat(10_000)), `${'y'.repeat(10_000)}.yaml`)}`);
      await opened.page.locator('tr.row').first().waitFor({ timeout: 10_000 });
    });
    after(() => opened.close());

    for (const view of VIEWS) {
      it(`stay inside of ${view}`, async () => {
        const { page } = opened;
        await page.getByRole('tab', { name: new RegExp(`^${view}`) }).click();
        await page.waitForTimeout(300);
        const wide = await page.evaluate(() => {
          const scope = document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope')?.shadowRoot;
          const panel = scope?.querySelector('#panel');
          const view = panel?.firstElementChild;
          const scroll = view?.shadowRoot?.querySelector('.scroll:has(svg)') ? 0 : (view?.scrollWidth ?? 0);
          return [
            document.documentElement.scrollWidth - innerWidth,
            (panel?.getBoundingClientRect().right ?? 0) - innerWidth,
            scroll - (view?.clientWidth ?? 0),
          ];
        });
        assert.ok(
          wide.every((each) => each <= 0),
          `${wide} px too wide`,
        );
        for (const tab of await page.getByRole('tab').all()) {
          const box = await tab.boundingBox();
          assert.ok(box && box.width < 400 && box.height < 60, JSON.stringify(box));
        }
      });
    }
  });
}
