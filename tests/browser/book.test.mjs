// The pages that explain codes and rules: they lead somewhere, are reached from the answers, and are inside of the single file.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { fromLink } from 'meshscope/link';
import { open, violations } from './browser.mjs';

const dist = 'www/dist/';
const paths = ['diagnostics.html', ...readdirSync(`${dist}rules`).map((name) => `rules/${name}`)];
const pages = new Map(paths.map((path) => [path, readFileSync(dist + path, 'utf8')]));

describe('the book', () => {
  it('has no link that leads nowhere', async () => {
    let links = 0;
    for (const [path, html] of pages) {
      for (const [, to = ''] of html.matchAll(/<a href="([^"]*)"/g)) {
        const [file = '', anchor = ''] = to.split('#');
        const target = posix.normalize(posix.join(posix.dirname(path), file || posix.basename(path)));
        links++;
        if (target === './') {
          if (anchor) assert.ok(await fromLink(anchor), `${path}: ${to}`);
          continue;
        }
        const found = pages.get(target);
        assert.ok(found, `${path}: ${to}`);
        assert.ok(!anchor || found.includes(` id="${anchor}"`), `${path}: ${to}`);
      }
    }
    assert.ok(links > 150, `${links}`);
  });

  it('explains every code and every section that the engine names', () => {
    const engine = readFileSync('src/diagnostic.rs', 'utf8');
    const codes = [...engine.matchAll(/= "(MS\d{4})"/g)].map(([, code]) => code);
    assert.ok(codes.length > 30);
    for (const code of codes) assert.ok(pages.get('diagnostics.html')?.includes(` id="${code}"`), code);
    const sections = [...readFileSync('src/rules_book.rs', 'utf8').matchAll(/ = "([a-z]+)" "([^"]+)",/g)];
    assert.ok(sections.length > 20);
    for (const [, page, title] of sections)
      assert.ok(pages.get(`rules/${page}.html`)?.includes(`>${title}</h2>`), title);
  });

  it('has its markup nowhere in the text', () => {
    for (const [path, html] of pages) {
      const text = html.replace(/<pre[\s\S]*?<\/pre>|<code>[\s\S]*?<\/code>/g, '').replace(/<[^>]*>/g, '');
      assert.doesNotMatch(text, /```|\*\*|`|\]\(/, path);
    }
  });
});

describe('from the answers to the book', () => {
  /** @type {import('./browser.mjs').Opened} */
  let opened;
  before(async () => {
    opened = await open({ dark: true });
    await opened.page.goto(opened.url);
    await opened.page.getByRole('table', { name: 'What each reference hits' }).waitFor();
  });
  after(() => opened.close());

  /** The page that a link opens. @param {import('playwright-core').Locator} link */
  const follow = async (link) => {
    const waiting = opened.context.waitForEvent('page');
    await link.click();
    const page = await waiting;
    await page.waitForLoadState();
    return page;
  };

  it('a row that hits nothing leads to its rule', async () => {
    const row = opened.page.locator('tr.row', { hasText: 'has no port' });
    const page = await follow(row.getByRole('link', { name: 'section names' }));
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).hash, '/rules/targets.html#section-names');
    assert.equal(await page.locator(':target').innerText(), 'Section names');
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  it('a problem leads to its code and its rule', async () => {
    await opened.page.getByRole('tab', { name: /^Problems/ }).click();
    const problem = opened.page.locator('li.problem', { hasText: 'has other ports' });
    const code = await follow(problem.getByRole('link', { name: 'MS0501' }));
    assert.equal(await code.locator(':target').innerText(), 'MS0501');
    assert.deepEqual(await violations(code), []);
    await code.close();
    const rule = await follow(problem.getByRole('link', { name: 'dataplanes that disagree' }));
    assert.equal(await rule.locator(':target').innerText(), 'Dataplanes that disagree');
    await rule.locator('figcaption a').first().click();
    await rule.getByRole('table', { name: 'What each reference hits' }).or(rule.getByText('No rules yet')).waitFor();
    await rule.close();
    assert.deepEqual(opened.errors, []);
  });

  it('also without a network', async () => {
    const { page, context } = opened;
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    const book = await follow(page.getByRole('link', { name: 'MS0501' }));
    assert.equal(await book.locator(':target').innerText(), 'MS0501');
    await book.close();
    await context.setOffline(false);
  });
});

describe('the book in the single file', () => {
  it('opens over the answer, and its links stay inside', async () => {
    const opened = await open();
    try {
      const { page } = opened;
      await page.goto(pathToFileURL('www/single/meshscope.html').href);
      await page.getByRole('link', { name: 'section names' }).first().click({ timeout: 10_000 });
      const dialog = page.getByRole('dialog', { name: 'What it means' });
      await dialog.getByRole('heading', { name: 'Section names' }).waitFor();
      assert.deepEqual(await violations(page), []);
      await dialog.locator('a[href*="backends.html"]').first().click();
      await dialog.getByRole('heading', { name: 'Backends', exact: true }).waitFor();
      await dialog.getByRole('link', { name: 'open in the playground' }).first().click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('tab', { name: 'world.yaml' }).waitFor();
      assert.equal(opened.context.pages().length, 1);
      assert.deepEqual(opened.errors, []);
      const asked = opened.requests.filter((url) => !/^(data|blob):/.test(url) && !/meshscope\.html(#|$)/.test(url));
      assert.deepEqual(asked, []);
    } finally {
      await opened.close();
    }
  });
});
