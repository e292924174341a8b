// Every view in both themes, at the width of a laptop and of a phone: axe finds nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { open, violations } from './browser.mjs';

for (const dark of [false, true]) {
  for (const width of [1280, 360]) {
    describe(`axe, ${dark ? 'dark' : 'light'}, ${width} px`, () => {
      /** @type {import('./browser.mjs').Opened} */
      let opened;
      before(async () => {
        opened = await open({ dark, width, height: 800 });
        await opened.page.goto(opened.url);
        await opened.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
      });
      after(() => opened.close());

      for (const view of ['Map', 'Rules', 'Services', 'Proxies', 'Request', 'Migration', 'Problems']) {
        it(view, async () => {
          await opened.page.getByRole('tab', { name: new RegExp(`^${view}`) }).click();
          assert.deepEqual(await violations(opened.page), []);
        });
      }

      it('a row opened', async () => {
        await opened.page.getByRole('tab', { name: /^Rules/ }).click();
        await opened.page.getByRole('button', { name: 'to[0].targetRef' }).first().click();
        assert.deepEqual(await violations(opened.page), []);
      });

      for (const dialog of ['Examples', 'Share']) {
        it(`the dialog ${dialog}`, async () => {
          await opened.page.getByRole('button', { name: dialog }).click();
          await opened.page.getByRole('dialog').waitFor();
          const found = await violations(opened.page);
          await opened.page.keyboard.press('Escape');
          assert.deepEqual(found, []);
        });
      }

      it('nothing is wider than the screen', async () => {
        const overflow = await opened.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px too wide`);
      });
    });
  }
}
