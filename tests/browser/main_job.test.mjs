// The main job, as a newcomer does it: from the first link to answered customers on the real Bluesky network, in the
// browser alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Bluesky } from '../support/bluesky.mjs';
import { Browser, no_faults, words } from '../support/browser.mjs';
import { password, test_settings } from '../support/desk.mjs';
import { Program } from '../support/program.mjs';
import { until } from '../support/wait.mjs';

const t = words('en');
const patient = { timeout: 120_000 };
let network;
let program;
let browser;
let page;
before(async () => {
  network = await Bluesky.start();
  program = await Program.start({ settings: { ...test_settings, ...network.settings } });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await program?.stop();
  await network?.stop();
});

// Opens the case with the text, answers it by keyboard, and waits until the console says that the network has it.
async function answer(text, reply) {
  const row = page.getByRole('option').filter({ hasText: text });
  await row.waitFor(patient);
  await row.click();
  await page.waitForURL(/\/case\//, patient);
  await page.getByRole('article').filter({ hasText: text }).first().waitFor(patient);
  await page.keyboard.press('r');
  const box = page.getByLabel(t('composer.reply.label'), { exact: true });
  await box.waitFor(patient);
  await box.fill(reply);
  await page.keyboard.press('Control+Enter');
  await page
    .getByText(t('reply.confirmed', { network: 'Bluesky' }))
    .first()
    .waitFor(patient);
}

// Everybody on the network sees the answer under the post.
async function seen(post, reply, brand) {
  await network.act('process-all');
  const answers = await until(
    'the AppView shows the answer',
    async () => {
      const found = (await network.replies(post.uri)).filter((entry) => entry.post.record.text === reply);
      return found.length > 0 && found;
    },
    { timeout_ms: 120_000 },
  );
  assert.equal(answers.length, 1, 'it stands there once');
  assert.equal(answers[0].post.author.did, brand.did);
}

test('from the first link to two answered customers', { timeout: 600_000 }, async () => {
  const brand = await network.act('create-account', { prefix: 'brand', name: 'The Brand' });
  const customer = await network.act('create-account', { prefix: 'customer', name: 'Customer' });

  // The owner and the brand.
  page = await browser.page({ url: `${program.url}/setup#${await program.setup_token()}` });
  await page.getByLabel(t('field.name')).fill('Hanako');
  await page.getByLabel(t('field.email')).fill('hanako@example.com');
  await page.getByLabel(t('field.password')).fill(password);
  await page.keyboard.press('Enter');
  await page.getByLabel(t('field.brand')).fill('Corner Bakery');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/w\/\d+\/welcome/, patient);
  const desk = page.url().replace(/\/welcome$/, '');

  // Listen now: the words, and the public stream's pulse.
  await page.getByLabel(t('field.keywords')).fill('kettlemaster');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: t('welcome.listen.button') }).click();
  await page.getByRole('button', { name: t('welcome.to_found') }).waitFor(patient);

  // Connect the account, so that the desk can answer.
  await page.goto(`${desk}/welcome`);
  await page.getByRole('button', { name: t('welcome.connect.title') }).click();
  await page.getByLabel(t('network.bluesky.field.handle'), { exact: true }).fill(brand.handle);
  await page.getByLabel(t('network.bluesky.field.app_password'), { exact: true }).fill(brand.app_password);
  await page.getByRole('button', { name: t('accounts.connect_named', { network: 'Bluesky' }) }).click();
  await page.waitForURL(/\/now/, patient);

  // Somebody writes to the brand.
  const mention = await network.act('post', {
    handle: customer.handle,
    text: `@${brand.handle} my order has not come`,
  });
  await answer('my order has not come', 'We look for it at once.');
  await seen(mention, 'We look for it at once.', brand);

  // Somebody speaks of the product and tags nobody.
  await page.goto(`${desk}/found`);
  await page.getByText(t('empty.found.title')).first().waitFor(patient);
  const found = await network.act('post', {
    handle: customer.handle,
    text: 'this kettlemaster never boils',
  });
  await answer('this kettlemaster never boils', 'Let us put that right.');
  await seen(found, 'Let us put that right.', brand);
  no_faults(page);
});
