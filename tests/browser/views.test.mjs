// The views of the answer: filters, vantage, mode, the map, proxies, requests and checks; and how fast and still they are.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { open, paste } from './browser.mjs';

describe('the views', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
    await opened.page.goto(opened.url);
    await opened.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
  });
  after(() => opened.close());

  /** @param {string} name */
  const tab = (name) => opened.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  const rows = () => opened.page.locator('ms-rules tr.row');

  it('Rules filters by text, kind and "hits nothing"', async () => {
    const { page } = opened;
    const all = await rows().count();
    await page.getByRole('searchbox', { name: 'Filter by text' }).fill('retries east');
    assert.equal(await rows().count(), 3);
    await page.getByRole('searchbox', { name: 'Filter by text' }).fill('');
    await page.getByRole('checkbox', { name: 'Hits nothing' }).check();
    assert.equal(await rows().count(), 2);
    await page.getByRole('checkbox', { name: 'Hits nothing' }).uncheck();
    await page.getByLabel('Kind').selectOption('MeshHTTPRoute');
    assert.ok((await rows().count()) < all);
    await page.getByLabel('Kind').selectOption('');
  });

  it('another vantage point shows what that zone has', async () => {
    const { page } = opened;
    await tab('Services');
    await page.getByLabel('View from').selectOption('east');
    assert.match(await page.getByRole('article', { name: 'MeshService redis', exact: true }).innerText(), /synced/);
    await page.getByLabel('View from').selectOption('');
  });

  it('another mode changes the answers without touching the text', async () => {
    const { page } = opened;
    await tab('Services');
    await page.getByLabel('Mode').selectOption('Disabled');
    await page.getByRole('article', { name: 'MeshService test-server', exact: true }).waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('article', { name: 'MeshService redis', exact: true }).count(), 1);
    await page.getByLabel('Mode').selectOption('');
    await page.getByRole('article', { name: 'MeshService test-server', exact: true }).waitFor();
  });

  it('Map lights up the ways through a node, pins on click, and goes by keyboard', async () => {
    const { page } = opened;
    await tab('Map');
    const node = page.locator('.node[data-id^="rule:"]', { hasText: 'test-server-main' });
    await node.hover();
    const on = page.locator('.node.on');
    assert.deepEqual(
      (await on.allTextContents()).filter((text) => text.includes('redis')),
      [],
    );
    assert.ok((await on.count()) >= 4);
    await node.click();
    assert.equal(await node.getAttribute('aria-pressed'), 'true');
    await page.locator('.cm-activeLine', { hasText: 'type: MeshTimeout' }).waitFor();
    await node.focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.node:focus', { hasText: 'test-server' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('Map leads from proxies over rules, services and zones to endpoints, with weights', async () => {
    const { page } = opened;
    const heads = await page.locator('ms-map .head').allTextContents();
    assert.deepEqual(heads, ['Proxy', 'Rule', 'Service and port', 'Zone', 'Endpoint']);
    assert.deepEqual((await page.locator('ms-map .label').allTextContents()).sort(), ['10 %', '90 %']);
    await page.locator('.node.bad', { hasText: 'hits nothing' }).first().waitFor();
    await page.getByText('The map as a table').click();
    const table = page.getByRole('table', { name: 'The map as a table' });
    await table.waitFor();
    const rows = await table.getByRole('row').allInnerTexts();
    assert.ok(rows.some((row) => /every proxy.*test-server-v2-path/s.test(row)));
    assert.ok(rows.some((row) => /test-server-v2-path.*test-server-v2, main 80 http\s+10 %\s+east/s.test(row)));
    await page.getByText('The map as a table').click();
  });

  it('Map follows the caret to the rule that it is in', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: 'west.yaml' }).click();
    await tab('Rules');
    await rows().filter({ hasText: 'rules[1]' }).last().getByRole('cell').nth(1).click(); // moves the caret there
    await tab('Map');
    await page.getByRole('textbox', { name: 'YAML' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('.node.pinned', { hasText: 'rules[1] of test-server' }).waitFor();
    await page.locator('.node.pinned').click();
  });

  it('Map shows what one proxy reaches, with shares', async () => {
    const { page } = opened;
    await page.getByLabel('Show').selectOption('west/default/web-1');
    await page.locator('.node', { hasText: '/beta' }).waitFor();
    assert.deepEqual((await page.locator('.label').allTextContents()).sort(), ['10 %', '90 %']);
    await page.getByLabel('Show').selectOption('');
  });

  it('Proxies shows routes in order, endpoints, and from which policy each field comes', async () => {
    const { page } = opened;
    await tab('Proxies');
    const outbound = page.locator('details.outbound', { hasText: 'test-server main 80' }).filter({ hasText: '/v2' });
    await outbound.first().waitFor();
    const text = await outbound.first().innerText();
    assert.match(text, /\/v2[\s\S]*test-server-v2[\s\S]*100 %/);
    assert.match(text, /requestTimeout\s+10s\s+test-server-main/);
  });

  it('Request follows a request step by step; a check turns red when an edit breaks it', async () => {
    const { page } = opened;
    await tab('Request');
    await page.getByRole('form', { name: 'A request' }).getByLabel('From').selectOption('west/default/web-1');
    await page.getByLabel('To', { exact: true }).fill('test-server.svc.mesh.local:80');
    await page.getByRole('textbox', { name: 'Path' }).fill('/v2/items');
    await page.getByRole('button', { name: 'Ask' }).click();
    const probe = page.getByRole('article', { name: 'GET test-server.svc.mesh.local:80/v2/items' });
    await probe.getByText(/it goes to/).waitFor();
    assert.match(await probe.innerText(), /test-server-v2 main 80\s+west/);
    await probe.getByRole('button', { name: 'Keep as check' }).click();
    await probe.getByText('check holds').waitFor();
    await page.getByRole('tab', { name: 'west.yaml' }).click();
    const west = await page.evaluate(() => {
      const playground = document.querySelector('mesh-playground');
      const scope = /** @type {import('meshscope/element').MeshScope | null | undefined} */ (
        playground?.shadowRoot?.querySelector('mesh-scope')
      );
      return scope?.session.file?.text ?? '';
    });
    await paste(opened, west.replace('value: /v2\n', 'value: /v3\n'));
    await probe.getByText(/check fails/).waitFor();
    await paste(opened, west);
    await probe.getByText('check holds').waitFor();
  });

  it('Request keeps several requests side by side, each until it is closed, in the link too', async () => {
    const { page } = opened;
    await page.getByRole('textbox', { name: 'Path' }).fill('/beta');
    await page.getByRole('button', { name: 'Ask' }).click();
    const [beta, items] = ['/beta', '/v2/items'].map((path) =>
      page.getByRole('article', { name: `GET test-server.svc.mesh.local:80${path}` }),
    );
    assert.ok(beta && items);
    await beta.locator('.summary').waitFor();
    /** @param {import('playwright-core').Page} where */
    const boxes = async (where) => {
      const cards = await where.locator('article.probe').all();
      return Promise.all(cards.map(async (card) => (await card.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }));
    };
    const [left, right] = await boxes(page);
    assert.ok(left && right && left.y === right.y && left.x + left.width <= right.x);
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    await page.keyboard.press('Escape');
    const phone = await open({ width: 360, height: 800 });
    try {
      await phone.page.goto(link.replace(opened.url, phone.url));
      await phone.page.locator('article.probe', { hasText: 'check holds' }).waitFor();
      const [above, below] = await boxes(phone.page);
      assert.ok(above && below && above.x === below.x && above.y + above.height <= below.y);
    } finally {
      await phone.close();
    }
    await beta.getByRole('button', { name: /^Forget/ }).click();
    await beta.waitFor({ state: 'detached' });
    assert.equal(await items.count(), 1);
  });

  it('keeps requests and checks through a reload', async () => {
    const { page } = opened;
    await page.waitForTimeout(500);
    await page.reload();
    await page
      .getByRole('article', { name: /test-server/ })
      .getByText('check holds')
      .waitFor();
  });

  it('nothing moves while typing, whatever is shown', async (t) => {
    const { page } = opened;
    await page.evaluate(() => {
      Object.assign(window, { shift: 0 });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          if ('value' in entry) Object.assign(window, { shift: Reflect.get(window, 'shift') + Number(entry.value) });
        }
      }).observe({ type: 'layout-shift' });
    });
    for (const view of ['Rules', 'Map', 'Services', 'Proxies', 'Request', 'Migration', 'Problems']) {
      await tab(view);
      await page.getByRole('textbox', { name: 'YAML' }).focus();
      await page.keyboard.press('ControlOrMeta+Home');
      await page.keyboard.press('End');
      await page.waitForTimeout(600); // what a click moves counts half a second longer as meant
      await page.evaluate(() => Object.assign(window, { shift: 0 }));
      await page.keyboard.type(' words', { delay: 40 });
      await page.waitForTimeout(300);
      const shift = Number(await page.evaluate(() => Reflect.get(window, 'shift')));
      t.diagnostic(`${view}: ${shift.toFixed(4)}`);
      // The letters that are typed do not count; everything else has to stay where it is.
      assert.ok(shift < 0.01, `${view} ${shift}`);
    }
  });

  it('reports no error', () => assert.deepEqual(opened.errors, []));
});

describe('Kubernetes', () => {
  it('Proxies says step by step whom a policy selects, its role and why, in the order of merging', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(`${opened.url}#example=kubernetes-producer-consumer`);
      await page.getByRole('tab', { name: /^Proxies/ }).click();
      await page.locator('ms-proxies').getByRole('combobox').selectOption({ label: 'shop-0.frontend · default' });
      const steps = page.locator('ms-proxies details.steps', { hasText: 'we-wait-longer' }).first();
      await steps.waitFor({ state: 'attached' });
      await steps.evaluate((each) => each.closest('details.outbound')?.setAttribute('open', ''));
      await steps.getByText('step by step').click();
      const items = await steps.getByRole('listitem').allInnerTexts();
      assert.match(items[1] ?? '', /orders-are-quick\[0\] selects this proxy:[\s\S]*role producer: /);
      assert.match(items[2] ?? '', /we-wait-longer\[0\] selects this proxy:[\s\S]*role consumer: /);
      assert.match(items.at(-1) ?? '', /a later value replaces an earlier one/);
      assert.deepEqual(opened.errors, []);
    } finally {
      await opened.close();
    }
  });

  it('Services says which Services and Pods Kuma makes nothing of, and why', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(`${opened.url}#example=wrong-port`); // one file
      await page.getByRole('table', { name: 'What each reference hits' }).waitFor();
      await paste(
        opened,
        `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { kuma.io/sidecar-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: outside, namespace: shop }
spec: { type: ExternalName, externalName: example.com }
---
apiVersion: v1
kind: Pod
metadata: { name: apart, namespace: shop, labels: { app: apart, kuma.io/sidecar-injection: disabled } }
spec: { containers: [{ name: app, image: app, ports: [{ containerPort: 80 }] }] }
`,
      );
      await page.getByRole('tab', { name: /^Services/ }).click();
      const section = page.getByRole('region', { name: 'Kubernetes' });
      await section.waitFor();
      const rows = await section.getByRole('listitem').allInnerTexts();
      assert.equal(rows.length, 2);
      assert.match(rows[0] ?? '', /Service[\s\S]*shop\/outside[\s\S]*ExternalName/);
      assert.match(rows[1] ?? '', /Pod[\s\S]*shop\/apart[\s\S]*sidecar/);
      await section.getByRole('button', { name: 'shop/apart' }).click();
      await page.locator('.cm-activeLine', { hasText: 'apiVersion: v1' }).waitFor();
      assert.deepEqual(opened.errors, []);
    } finally {
      await opened.close();
    }
  });
});

describe('a large world', () => {
  it('of 100 services is answered while the page stays alive, and the map of it can be read', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(`${opened.url}#example=wrong-port`); // one file
      await page.getByRole('table', { name: 'What each reference hits' }).waitFor();
      const documents = [
        'type: Mesh\nname: default\nmeshServices: { mode: Exclusive }\nskipCreatingInitialPolicies: ["*"]',
      ];
      for (let n = 0; n < 100; n++) {
        documents.push(
          `type: Dataplane\nname: s${n}-1\nmesh: default\nnetworking: { address: 10.0.${n}.1, inbound: [{ port: 80, name: main, tags: { kuma.io/service: s${n}, kuma.io/protocol: http } }] }`,
          `type: MeshTimeout\nname: t${n}\nmesh: default\nspec: { to: [{ targetRef: { kind: MeshService, name: s${n} }, default: { connectionTimeout: 1s } }] }`,
        );
      }
      await paste(opened, documents.join('\n---\n'));
      await page.getByText('100 references').waitFor({ timeout: 20_000 });
      await page.getByRole('tab', { name: /^Map/ }).click();
      const more = page.locator('.node', { hasText: /\d+ more services/ });
      await more.waitFor();
      const low = await page
        .locator('.node rect.box')
        .evaluateAll((all) => Math.min(...all.map((each) => each.getBoundingClientRect().height)));
      assert.ok(low >= 14, `${low}`);
      assert.ok((await page.locator('.node').count()) <= 100);
      await page.getByText('The map as a table').click();
      const table = page.getByRole('table', { name: 'The map as a table' });
      const rest = page.getByRole('button', { name: /more rows/ });
      const last = table.getByRole('cell', { name: /^s99,/ }).first();
      for (;;) {
        await rest.or(last).first().waitFor();
        if (await last.count()) break;
        await rest.click();
      }
      await more.focus();
      await page.keyboard.press('Enter');
      await page.locator('.node', { hasText: 's99' }).first().waitFor();
      const overlap = await page.evaluate(() => {
        const map = document
          .querySelector('mesh-playground')
          ?.shadowRoot?.querySelector('mesh-scope')
          ?.shadowRoot?.querySelector('ms-map');
        const boxes = [...(map?.shadowRoot?.querySelectorAll('.node') ?? [])].map((node) =>
          node.getBoundingClientRect(),
        );
        return boxes.some((a, n) =>
          boxes.slice(n + 1).some((b) => a.x < b.right && b.x < a.right && a.y < b.bottom - 1 && b.y < a.bottom - 1),
        );
      });
      assert.equal(overlap, false);
    } finally {
      await opened.close();
    }
  });
});
