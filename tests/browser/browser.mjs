// What the browser tests share: a served playground and a Chromium that talks to nothing else.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { serve } from '../../scripts/serve.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * @typedef {{ url: string, page: import('playwright-core').Page, context: import('playwright-core').BrowserContext,
 *   requests: string[], errors: string[], close: () => Promise<void> }} Opened
 */

/**
 * Serves a folder and opens a fresh browser, which writes down every request and every error.
 * @param {{ folder?: string, width?: number, height?: number, dark?: boolean, script?: boolean }} [options] `script: false`
 *   is a browser in which JavaScript is switched off
 * @returns {Promise<Opened>}
 */
export async function open({ folder = 'www/dist', width = 1440, height = 900, dark = false, script = true } = {}) {
  const server = await serve(folder, 0);
  const profile = mkdtempSync(join(tmpdir(), 'meshscope-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: script,
  });
  /** @type {string[]} */
  const requests = [];
  /** @type {string[]} */
  const errors = [];
  context.on('request', (request) => requests.push(request.url()));
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(5000);
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return {
    url: server.url,
    page,
    context,
    requests,
    errors,
    async close() {
      await context.close();
      await server.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/**
 * Replaces the text of the shown file by pasting.
 * @param {Opened} opened
 * @param {string} text
 */
export async function paste({ page, context }, text) {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((value) => navigator.clipboard.writeText(value), text);
  await page.getByRole('textbox', { name: 'YAML' }).focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe finds wrong, in words. It runs outside the page's own policy.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then((result) =>
    result.violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.target.flat().join(' ')).join(', ')))`);
}
