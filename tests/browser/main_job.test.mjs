// The main job, as a newcomer does it: from the first link to answered customers on the real Bluesky network, in the
// browser alone.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Browser, no_faults, words } from '../support/browser.mjs';
import { ended, ended_with_us, removed_with_us } from '../support/cleanup.mjs';
import { password } from '../support/desk.mjs';
import { free_port } from '../support/ports.mjs';
import { program_path } from '../support/program.mjs';
import { until } from '../support/wait.mjs';

const t = words('en');
const patient = { timeout: 120_000 };
const door = fileURLToPath(new URL('../networks/bluesky/desk.mjs', import.meta.url)); // ./dev run --bluesky
let child;
let printed = '';
let browser;
let page;
before(async () => {
  const port = await free_port();
  const data = removed_with_us(mkdtempSync(join(tmpdir(), 'kikimimi-')));
  child = ended_with_us(
    spawn('node', [door, 'run', '--listen', `127.0.0.1:${port}`, '--data', data], {
      env: { ...process.env, KIKIMIMI_BINARY: program_path() },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      printed += bytes;
    });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await ended(child, 'SIGTERM', 30_000);
  assert.doesNotMatch(printed, /ERROR: AddressSanitizer|runtime error:|LeakSanitizer/);
});

const on_paper = (what, pattern) => until(what, () => printed.match(pattern)?.[1], { timeout_ms: 300_000 });
// ./dev bluesky …: the customer, and what everybody sees.
const bluesky = async (...args) => (await promisify(execFile)('node', [door, ...args])).stdout;

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

// Everybody on the network sees the answer under the post, once.
async function seen(post, reply) {
  const lines = await until(
    'the network shows the answer',
    async () => {
      const all = (await bluesky('show')).split('\n');
      return all.some((line) => line.endsWith(`: ${reply}`)) && all;
    },
    { timeout_ms: 120_000, every_ms: 500 },
  );
  const at = lines.indexOf(`customer.test: ${post}`);
  assert.equal(lines[at + 1], `  bakery.test: ${reply}`);
  assert.equal(lines.filter((line) => line.endsWith(`: ${reply}`)).length, 1, 'it stands there once');
}

test('from the first link to two answered customers', { timeout: 600_000 }, async () => {
  const app_password = await on_paper('the app password', /bakery\.test\s+app password\s+(\S+)/);

  // The owner and the brand.
  page = await browser.page({ url: await on_paper('the set-up link', /(http\S+\/setup#[\w-]+)/) });
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
  await page.getByLabel(t('network.bluesky.field.handle'), { exact: true }).fill('bakery.test');
  await page.getByLabel(t('network.bluesky.field.app_password'), { exact: true }).fill(app_password);
  await page.getByRole('button', { name: t('accounts.connect_named', { network: 'Bluesky' }) }).click();
  await page.waitForURL(/\/now/, patient);

  // Somebody writes to the brand.
  await bluesky('say', '@bakery.test my order has not come');
  await answer('my order has not come', 'We look for it at once.');
  await seen('@bakery.test my order has not come', 'We look for it at once.');

  // Somebody speaks of the product and tags nobody.
  await page.goto(`${desk}/found`);
  await page.getByText(t('empty.found.title')).first().waitFor(patient);
  await bluesky('say', 'this kettlemaster never boils');
  await answer('this kettlemaster never boils', 'Let us put that right.');
  await seen('this kettlemaster never boils', 'Let us put that right.');
  no_faults(page);
});
