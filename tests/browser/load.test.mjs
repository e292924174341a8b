// How long the first answer takes, on a profile that has never been here; the figure is printed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { open } from './browser.mjs';

/** The milliseconds from the start of the navigation to the first row of the answer. */
async function firstAnswer() {
  const opened = await open();
  try {
    const { page } = opened;
    await page.addInitScript(() => {
      const look = setInterval(() => {
        const scope = document.querySelector('mesh-playground')?.shadowRoot?.querySelector('mesh-scope')?.shadowRoot;
        if (!scope?.querySelector('ms-rules')?.shadowRoot?.querySelector('tr.row')) return;
        clearInterval(look);
        Object.assign(window, { answered: performance.now() });
      }, 4);
    });
    await page.goto(opened.url);
    const answered = await page.waitForFunction(() => Reflect.get(window, 'answered'), undefined, { timeout: 20_000 });
    assert.deepEqual(opened.errors, []);
    return Math.round(Number(await answered.jsonValue()));
  } finally {
    await opened.close();
  }
}

describe('the first visit', () => {
  it('is answered soon', async (t) => {
    const runs = [await firstAnswer(), await firstAnswer(), await firstAnswer()];
    const times = runs.sort((a, b) => a - b);
    t.diagnostic(`first answers after ${times.join(', ')} ms`);
    // On a laptop it is well under a second; a machine that does much else at the same time takes longer.
    assert.ok((times[0] ?? 0) < 3000, `${times}`);
  });

  it('keeps itself for later only after that', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(opened.url);
      const before = await page.evaluate(() => navigator.serviceWorker.getRegistration().then((each) => !!each));
      await page.getByRole('table', { name: 'What each reference hits' }).waitFor();
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      assert.equal(before, false);
    } finally {
      await opened.close();
    }
  });
});
