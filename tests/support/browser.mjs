// Debian's Chromium, driven by Playwright: pages in a language, a theme and a width; axe; pictures in build/screens.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const screens = `${root}build/screens`;
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--font-render-hinting=none',
];

// The console's own texts: words('ja')('list.label').
export function words(language) {
  const all = JSON.parse(readFileSync(`${root}i18n/${language}.json`, 'utf8'));
  return (key, gaps = {}) => {
    const text = all[key] ?? key.split('.').reduce((inner, part) => inner?.[part], all);
    assert.equal(typeof text, 'string', `i18n/${language}.json has ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => gaps[name] ?? `{${name}}`);
  };
}

export class Browser {
  static async launch() {
    const browser = new Browser();
    const path = [process.env.CHROMIUM, '/usr/bin/chromium'].find(
      (candidate) => candidate && existsSync(candidate),
    );
    if (!path) throw new Error('Chromium is not installed (packaging/apt-test.txt)');
    browser.chromium = await chromium.launch({ executablePath: path, args: flags, headless: true });
    return browser;
  }

  // client: somebody signed in over the API, whose session the page takes over.
  async page({
    client,
    language = 'en',
    theme = 'light',
    width = 1440,
    height = width < 600 ? 844 : 900,
    url,
  } = {}) {
    const context = await this.chromium.newContext({
      viewport: { width, height },
      locale: language === 'ja' ? 'ja-JP' : 'en-GB',
      timezoneId: 'Asia/Tokyo',
      colorScheme: theme,
      reducedMotion: 'reduce',
      hasTouch: width < 600,
    });
    if (client?.cookie) {
      const [name, value] = client.cookie.split('=');
      await context.addCookies([{ name, value, url: client.url }]);
      await client.api('PATCH', '/me', { language });
    }
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(`${error}`));
    page.on('console', (message) => {
      // A refused request is a case some tests make on purpose; the page's own handling is what they look at.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        page.faults.push(message.text());
    });
    if (url ?? client) await page.goto(url ?? client.url);
    return page;
  }

  close() {
    return this.chromium.close();
  }
}

export const no_faults = (page) => assert.deepEqual(page.faults, [], 'nothing was thrown in the page');

// Nothing serious or critical by WCAG 2.2 AA.
export async function accessible(page, what) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const serious = violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map((node) => `${node.target} ${node.failureSummary}`)
          .join(' | ')}`,
    );
  assert.deepEqual(serious, [], what);
}

export async function picture(page, name, folder = screens) {
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

// Does the page scroll sideways? On a phone it never should.
export async function no_sideways(page, what) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${what}: ${over}px wider than the window`);
}
