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

  it('shows what a proxy reaches in each mode, by which addresses, and from where it is answered', async () => {
    const { page } = opened;
    await page.getByRole('combobox', { name: 'Proxy', exact: true }).selectOption('north/default/batch-1');
    const table = page.getByRole('table', { name: 'Destinations in each mode' });
    const legacy = table.getByRole('row', { name: /kuma\.io\/service orders/ });
    const cells = await legacy.getByRole('cell').allInnerTexts();
    assert.match(cells[0] ?? '', /orders\.mesh:80\s+2 endpoints\s+east\s*west/);
    assert.equal(cells[3], 'no');
    const numbers = await table
      .getByRole('row', { name: /listeners, clusters/ })
      .getByRole('cell')
      .allInnerTexts();
    const [disabled, everywhere] = numbers.map((text) => Number(text.split(',')[0]));
    assert.ok(disabled && everywhere && everywhere >= 2 * disabled, numbers.join('; '));
  });

  it('says what follows from both choices, who names a service, and why it crosses zones', async () => {
    const { page } = opened;
    const orders = page.getByRole('article', { name: 'orders', exact: true });
    const said = await orders.innerText();
    assert.match(said, /As MeshService requests stay in the client's zone/);
    assert.match(said, /As MeshMultiZoneService it has 2 members/);
    assert.match(said, /go to other zones too/);
    assert.match(said, /used by 1 route, 2 policy items, 1 outbound/);
    await orders.locator('summary').click();
    await orders.getByRole('button', { name: 'Dataplane web-1' }).first().click();
    await page.waitForFunction(() => {
      const scope = document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope');
      return scope?.shadowRoot?.querySelector('ms-editor')?.shadowRoot?.querySelector('.cm-activeLine');
    });
  });

  it('lists each step with the lines that are left', async () => {
    const { page } = opened;
    const steps = page.getByRole('region', { name: 'Steps' });
    const summaries = await steps.locator('summary').allInnerTexts();
    assert.equal(summaries.length, 5);
    const third = steps.locator('details').nth(2);
    await third.locator('summary').click();
    await third.getByText(/point outbound 20080 of Dataplane web-1/).waitFor();
    assert.match(await third.innerText(), /line \d+/);
  });

  it('names the traps with their codes and lines, and what to write for a VirtualOutbound', async () => {
    const { page } = opened;
    const traps = page.getByRole('region', { name: 'Traps' });
    assert.match(await traps.innerText(), /MS0901[\s\S]*line \d+[\s\S]*MS0907/);
    const before = await text();
    await page.evaluate(() => {
      const scope = document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope');
      const { session } = /** @type {import('meshscope/element').MeshScope} */ (scope);
      session.add([
        {
          name: 'vo.yaml',
          text: "type: VirtualOutbound\nname: all\nmesh: default\nselectors: [{match: {kuma.io/service: '*'}}]\nconf: {host: '{{.name}}.shop', port: '80', parameters: [{name: name, tagKey: kuma.io/service}]}\n",
          zone: '',
          environment: '',
        },
      ]);
    });
    await traps.getByText('template: "{{ .DisplayName }}.shop"').waitFor();
    await page.getByRole('article', { name: /create HostnameGenerator all in the place of VirtualOutbound/ }).waitFor();
    await page.evaluate(() => {
      const scope = document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope');
      const { session } = /** @type {import('meshscope/element').MeshScope} */ (scope);
      session.close(session.files.at(-1)?.id ?? -1);
    });
    await traps.getByText('VirtualOutbound').waitFor({ state: 'detached' });
    assert.equal(await text(), before);
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

  it('compares two files', async () => {
    const { page } = opened;
    const files = [
      { name: 'old.yaml', text: world, zone: '', environment: /** @type {const} */ ('') },
      {
        name: 'new.yaml',
        text: world.replace('requestTimeout: 2s', 'requestTimeout: 4s').replace('value: /stock', 'value: /stocks'),
        zone: '',
        environment: /** @type {const} */ (''),
      },
    ];
    await page.goto('about:blank');
    await page.goto(`${opened.url}#${await toLink({ files, view: 'migration' })}`);
    const section = page.getByRole('region', { name: 'Before and after' });
    await section.getByRole('combobox', { name: 'Before' }).selectOption({ label: 'old.yaml alone' });
    await section.getByRole('combobox', { name: 'After' }).selectOption({ label: 'new.yaml alone' });
    await section.getByRole('button', { name: 'Compare' }).click();
    const table = section.getByRole('table', { name: 'Requests that change' });
    await table.waitFor();
    assert.match(await table.innerText(), /\/stock/);
    assert.match(await section.innerText(), /0 problems introduced/);
    await section.getByRole('combobox', { name: 'After' }).selectOption({ label: 'old.yaml alone' });
    await section.getByText('No request changes').waitFor();
    assert.deepEqual(opened.errors, []);
  });

  it('a link holds the decisions', async () => {
    const migration = { via: 'ReachableBackends', choices: { 'default/orders': 'meshService' } };
    const link = await toLink({ files: [{ name: 'a', text: '', zone: '', environment: '' }], migration });
    assert.deepEqual((await fromLink(link))?.migration, migration);
  });
});
