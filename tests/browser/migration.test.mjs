// The Migration view: decisions, what rewrites change, applying and undoing them, the modes side by side.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fromLink, toLink } from 'meshscope/link';
import { open } from './browser.mjs';

const world = readFileSync(new URL('../fixtures/migration/three-zones.yaml', import.meta.url), 'utf8');

describe('the Migration view', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
    const files = [{ name: 'world.yaml', text: world, zone: '', environment: /** @type {const} */ ('') }];
    await opened.page.goto(`${opened.url}#${await toLink({ files, view: 'migration' })}`);
    await opened.page.getByRole('region', { name: 'Steps' }).waitFor();
  });
  after(() => opened.close());

  const text = () =>
    opened.page.evaluate(() => {
      const playground = document.querySelector('mesh-playground');
      const scope = /** @type {import('meshscope/element').MeshScope | null | undefined} */ (
        playground?.shadowRoot?.querySelector('mesh-scope')
      );
      return scope?.session.file?.text ?? '';
    });

  it('suggests what every service becomes, with the reason', async () => {
    const { page } = opened;
    const orders = page.getByRole('article', { name: 'orders', exact: true });
    assert.equal(await orders.getByRole('combobox').inputValue(), 'meshMultiZoneService');
    assert.match(await orders.innerText(), /runs in 2 zones that reach each other/);
    assert.equal(
      await page.getByRole('article', { name: 'db', exact: true }).getByRole('combobox').inputValue(),
      'meshService',
    );
  });

  it('keeps the choice in the link', async () => {
    const { page } = opened;
    const choice = page.getByRole('combobox', { name: 'What orders becomes' });
    await choice.selectOption('meshService');
    await page.getByRole('article', { name: /create MeshMultiZoneService orders/ }).waitFor({ state: 'detached' });
    await page.waitForTimeout(800);
    await page.reload();
    await page.getByRole('region', { name: 'Steps' }).waitFor();
    assert.equal(await choice.inputValue(), 'meshService');
    await choice.selectOption('meshMultiZoneService');
    await page.getByRole('article', { name: /create MeshMultiZoneService orders/ }).waitFor();
  });

  it('shows a rewrite as a diff, applies it, and gives the same text back', async () => {
    const { page } = opened;
    const before = await text();
    const offer = page.getByRole('article', { name: /set meshServices.mode of Mesh default to Everywhere/ });
    await offer.getByText('Show the text').click();
    assert.match(await offer.locator('.new').first().innerText(), /\+ meshServices:/);
    await offer.getByRole('button', { name: 'What changes?' }).click();
    await offer.getByText(/No request changes|requests change/).waitFor();
    await offer.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('default: Everywhere').waitFor();
    assert.match(await text(), /meshServices:\n {2}mode: Everywhere\n/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('default: Disabled').waitFor();
    assert.equal(await text(), before);
  });

  it('compares the four modes', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Try all four' }).click();
    const rows = page.getByRole('table', { name: 'Modes side by side' }).locator('tbody tr');
    await rows.first().waitFor();
    assert.deepEqual(await rows.locator('th').allInnerTexts(), [
      'Disabled (in use)',
      'Everywhere',
      'ReachableBackends',
      'Exclusive',
    ]);
    assert.match(await rows.nth(3).innerText(), /stops/);
  });

  it('goes to Exclusive with all rewrites, and says what changed since the start', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'What do all change?' }).click();
    const proof = page.getByRole('region', { name: 'Rewrites' }).getByRole('table', { name: 'Requests that change' });
    await proof.waitFor();
    assert.match(await proof.innerText(), /127\.0\.0\.1:20080\/[\s\S]*other shares/);
    await page.getByRole('button', { name: 'Apply all' }).click();
    await page.getByText('default: Exclusive').waitFor();
    await page.getByRole('heading', { name: 'No rewrite is left' }).waitFor();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText(/references? with another answer/).waitFor();
    assert.deepEqual(opened.errors, []);
  });

  it('a link holds the decisions', async () => {
    const migration = { via: 'ReachableBackends', choices: { 'default/orders': 'meshService' } };
    const link = await toLink({ files: [{ name: 'a', text: '', zone: '', environment: '' }], migration });
    assert.deepEqual((await fromLink(link))?.migration, migration);
  });
});
