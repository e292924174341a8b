// The first visit: the documentation's example is there, answered; an edit changes the answer; nothing leaves the page.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { open } from './browser.mjs';

describe('the seed example', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open();
    await opened.page.goto(opened.url);
    await opened.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
  });
  after(() => opened.close());

  /** @param {string} document @param {string} path */
  const row = (document, path) =>
    opened.page
      .getByRole('rowgroup')
      .filter({ has: opened.page.getByRole('button', { name: document, exact: true }) })
      .getByRole('row')
      .filter({ has: opened.page.getByRole('button', { name: path, exact: true }) });

  it('answers a policy by name and port name with service, port and zone', async () => {
    const text = await row('test-server-main', 'to[0].targetRef').innerText();
    assert.match(text, /test-server\s+main 80\s+west/);
  });

  it('answers the route to /v2 with port 80 of test-server-v2', async () => {
    const text = await row('test-server-v2-path', 'to[0].rules[0].default.backendRefs[0]').innerText();
    assert.match(text, /test-server-v2\s+main 80\s+west/);
  });

  it('answers a reference by labels with the service of the other zone', async () => {
    const text = await row('test-server-v2-retries', 'to[0].targetRef').innerText();
    assert.match(text, /test-server-v2\s+main 80\s+east/);
    assert.doesNotMatch(text, /west/);
  });

  it('says why the port that lost hits nothing, and what was considered', async () => {
    const alt = row('test-server-alt', 'to[0].targetRef');
    assert.match(await alt.innerText(), /port/);
    await alt.getByRole('button', { name: 'to[0].targetRef' }).click();
    const candidates = opened.page.getByRole('listitem').filter({ hasText: 'its port is main (80)' });
    assert.equal(await candidates.count(), 1);
  });

  it('changes the answer when the text changes', async () => {
    const alt = row('test-server-alt', 'to[0].targetRef');
    const { page } = opened;
    await alt.getByRole('cell').nth(1).click(); // moves the caret to the reference
    await page.getByRole('textbox', { name: 'YAML' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    for (let n = 0; n < '"8080"'.length; n++) await page.keyboard.press('Backspace');
    await page.keyboard.type('main');
    await alt.filter({ hasText: /main 80/ }).waitFor({ timeout: 5000 });
    assert.match(await alt.innerText(), /test-server\s+main 80\s+west/);
  });

  it('shows the hostname that the generator gives to redis, and who disagrees about test-server', async () => {
    const { page } = opened;
    await page.getByRole('tab', { name: /Services/ }).click();
    const redis = page.getByRole('article', { name: 'MeshService redis' });
    assert.match(await redis.innerText(), /redis\.mesh/);
    const server = page.getByRole('article', { name: 'MeshService test-server', exact: true });
    assert.match(await server.innerText(), /disagree/);
    assert.match(await server.innerText(), /test-server-2\s+main 8080/);
  });

  it('asks nobody but its own server, and reports no error', () => {
    const elsewhere = opened.requests.filter((url) => !url.startsWith(opened.url) && !/^(blob|data):/.test(url));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(opened.errors, []);
  });
});
