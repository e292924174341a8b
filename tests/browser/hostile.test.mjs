// Markup in every field is text, in every view, tooltip and dialog: no element of it comes to life.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { open, paste } from './browser.mjs';

const MARKUP = '<img src=x onerror=pwned=1><script>pwned=1</script>';
const QUOTED = JSON.stringify(MARKUP);

const WORLD = `type: Mesh
name: default
meshServices: { mode: Exclusive }
---
type: MeshService
name: ${QUOTED}
mesh: default
labels: { ${QUOTED}: ${QUOTED}, team: ${QUOTED} }
spec:
  selector: { dataplaneTags: { ${QUOTED}: ${QUOTED} } }
  ports: [{ name: ${QUOTED}, port: 80, targetPort: ${QUOTED}, appProtocol: ${QUOTED} }]
---
type: MeshService
name: plain
mesh: default
spec:
  selector: { dataplaneTags: { app: ${QUOTED} } }
  ports: [{ name: ${QUOTED}, port: 80, targetPort: ${QUOTED} }]
---
type: HostnameGenerator
name: generator
spec: { selector: { meshService: { matchLabels: {} } }, template: ${JSON.stringify(`{{ .Name }}${MARKUP}`)} }
---
type: Dataplane
name: proxy-1
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{ port: 80, name: ${QUOTED}, tags: { kuma.io/service: plain } }]
---
type: MeshHTTPRoute
name: route
mesh: default
spec:
  to:
    - targetRef: { kind: MeshService, name: plain, sectionName: ${QUOTED} }
      rules:
        - matches: [{ path: { type: PathPrefix, value: ${JSON.stringify(`/${MARKUP}`)} } }]
          default: { backendRefs: [{ kind: MeshService, name: plain, sectionName: ${QUOTED} }] }
---
type: ${QUOTED}
name: ${QUOTED}
`;

describe('hostile YAML', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
    const { page, url } = opened;
    await page.goto(url);
    await page.getByRole('table', { name: 'What each reference hits' }).waitFor();
    await page.getByRole('textbox', { name: 'File', exact: true }).fill(MARKUP);
    await page.locator('mesh-scope .home input').nth(1).fill(MARKUP);
    await paste(opened, WORLD);
    await page.getByRole('button', { name: 'route', exact: true }).waitFor();
  });
  after(() => opened.close());

  /** Every element that markup could have made, through all shadow roots. */
  const alive = () =>
    opened.page.evaluate(() => {
      /** @type {string[]} */
      const found = [];
      /** @param {Document | ShadowRoot} root */
      const walk = (root) => {
        for (const element of root.querySelectorAll('*')) {
          if (element.matches('img[src=x], script:not([src])')) found.push(element.outerHTML);
          if (element.shadowRoot) walk(element.shadowRoot);
        }
      };
      walk(document);
      if ('pwned' in window) found.push('a script ran');
      return found;
    });

  for (const view of ['Map', 'Rules', 'Services', 'Proxies', 'Request', 'Problems']) {
    it(`stays text in ${view}`, async () => {
      await opened.page.getByRole('tab', { name: new RegExp(`^${view}`) }).click();
      await opened.page.waitForTimeout(150);
      assert.deepEqual(await alive(), []);
    });
  }

  it('stays text in opened rows and in the card over a reference', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: /^Rules/ }).click();
    const closed = page.locator('ms-rules').getByRole('button', { expanded: false });
    while ((await closed.count()) > 0) await closed.first().click();
    await page.getByRole('button', { name: 'route', exact: true }).click();
    await page
      .locator('.cm-line', { hasText: 'sectionName' })
      .first()
      .hover({ position: { x: 150, y: 8 } });
    await page.locator('.cm-tooltip').first().waitFor();
    assert.deepEqual(await alive(), []);
  });

  it('stays text in Share, and reports no error but those of the policy', async () => {
    await opened.page.getByRole('button', { name: 'Share' }).click();
    assert.deepEqual(await alive(), []);
    assert.deepEqual(opened.errors, []);
  });
});
