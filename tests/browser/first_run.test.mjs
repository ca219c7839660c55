// A new desk in the browser, by keyboard alone: the one-time link, the owner, the brand, and life at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, picture, words } from '../support/browser.mjs';
import { Client } from '../support/client.mjs';
import { password, test_settings } from '../support/desk.mjs';
import { Program } from '../support/program.mjs';
import { until } from '../support/wait.mjs';

let program;
let browser;
before(async () => {
  program = await Program.start({ settings: { ...test_settings, 'sample.speed': 5000 } });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

// Tab until the focused element says so; no mouse.
async function tab_to(page, wanted) {
  const seen = [];
  for (let step = 0; step < 60; step += 1) {
    const text = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return '';
      return [element.getAttribute('aria-label'), element.labels?.[0]?.innerText, element.innerText].join(
        ' ',
      );
    });
    if (text.includes(wanted)) return;
    seen.push(text.trim().split('\n')[0]);
    await page.keyboard.press('Tab');
  }
  assert.fail(`"${wanted}" was not reached by Tab, only: ${[...new Set(seen)].join(' | ')}`);
}

test('from the link to a desk at work', async () => {
  const t = words('en');
  const token = await program.setup_token();
  const page = await browser.page({ url: `${program.url}/setup#${token}` });
  await page.getByLabel(t('field.email')).waitFor();
  await accessible(page, 'set-up');
  await picture(page, 'setup-en-light-1440');
  const fill = async (label, text) => {
    await tab_to(page, label);
    await page.keyboard.type(text);
  };
  await fill(t('field.name'), 'Hanako');
  await fill(t('field.email'), 'hanako@example.com');
  await fill(t('field.password'), password);
  await page.keyboard.press('Enter');
  await page.getByLabel(t('field.brand')).waitFor();
  await fill(t('field.brand'), 'Corner Bakery');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/w\/\d+\/welcome/);
  const client = await new Client(program.url).sign_in('hanako@example.com', password);
  assert.equal(client.me.workspaces[0].name, 'Corner Bakery');
  await accessible(page, 'welcome');
  await picture(page, 'welcome-first-en-light-1440');
  // The third way needs nothing else: a sample day.
  await tab_to(page, t('welcome.sample.title'));
  await page.keyboard.press('Enter');
  await tab_to(page, t('welcome.sample.button'));
  await page.keyboard.press('Enter');
  await until('cases come in', async () => (await client.all_cases()).length > 5);
  await page.goto(`${program.url}/w/${client.workspace}/all`);
  await page.getByRole('option').first().waitFor();
  no_faults(page);
  await page.context().close();
});

test('the link works once', async () => {
  const page = await browser.page({ url: `${program.url}/setup#${await program.setup_token()}` });
  await until('the page offers to sign in instead', async () =>
    /sign in/i.test(await page.locator('body').innerText()),
  );
  await page.context().close();
});
