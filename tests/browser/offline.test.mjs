// Offline and back, two people at once: one loses the connection and goes on writing, handing over and resolving; the
// other answers meanwhile. Back again, everything leaves once and in its order, and what cannot be done any more is
// said and not done.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, picture, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

const t = words('en');
let desk;
let shop;
let away;
let there;
let browser;
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account();
  away = await desk.person('agent');
  there = await desk.person('agent');
  await desk.owner.in('POST', '/macros', {
    name: 'Refund',
    shared: true,
    actions: [{ do: 'note', text: 'Refund begun.' }],
  });
  await desk.owner.in('POST', '/macros', { name: 'Close', shared: true, actions: [{ do: 'resolve' }] });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

async function new_case(id, text) {
  await shop.program.post('/open/posts', open_post(id, { text }));
  return away.case_with(text);
}
const show = (row) => away.in('GET', `/cases/${row.id}`);
const said = async (row) =>
  (await away.timeline(row.id)).filter((item) => item.direction === 'out').map((item) => item.text);
const notes = async (row) =>
  (await away.timeline(row.id)).filter((item) => item.type === 'note').map((item) => item.text);
const dialog = (page) => page.getByRole('dialog');

test('what was done without a connection leaves once, and what cannot be done any more is said', async () => {
  const answered = await new_case('answered', 'Nobody answers me.');
  const alone = await new_case('alone', 'The lid is loose.');
  const handed = await new_case('handed', 'The toaster burns everything.');
  const page = await browser.page({ client: away, url: `${away.url}/w/${away.workspace}/all` });
  const at = async (row) => {
    await page.getByRole('option').filter({ hasText: row.preview }).click();
    await page.locator('main').getByText(`#${row.number} `).first().waitFor();
    await page.getByLabel(t('composer.reply.label'), { exact: true }).waitFor();
  };
  const write = async (key, label, text) => {
    await page.keyboard.press(key);
    const box = page.getByLabel(t(label), { exact: true });
    await until('the box has the focus', () => box.evaluate((field) => field === document.activeElement));
    await page.keyboard.insertText(text);
    await page.keyboard.press('Control+Enter');
    await until('it was taken', async () => (await box.inputValue()) === '');
    await page.keyboard.press('Escape');
  };
  // All three are read before the connection goes.
  for (const row of [answered, alone, handed]) await at(row);
  await until('the parts of the console are there', () =>
    page.evaluate(() =>
      performance.getEntriesByType('resource').some(({ name }) => name.includes('/welcome-')),
    ),
  );

  await page.context().setOffline(true);
  await page.getByText(t('offline.text')).waitFor();
  await write('n', 'composer.note.label', 'Call the shop.');
  await page.keyboard.press('h');
  await page.getByLabel(t('hand_over.to'), { exact: true }).selectOption({ label: there.me.name });
  await page.getByLabel(t('hand_over.note'), { exact: true }).fill('You know toasters.');
  await page.getByRole('button', { name: t('hand_over.do') }).click();
  await page.getByText(t('toast.waits')).first().waitFor();
  await page.keyboard.press('t');
  await dialog(page).getByLabel(t('field.tags'), { exact: true }).fill('toaster');
  await page.keyboard.press('Enter');
  await dialog(page)
    .getByRole('button', { name: t('action.save') })
    .click();
  await at(alone);
  await write('r', 'composer.reply.label', 'We send another lid.');
  await page.keyboard.press('e');
  // A macro that ends nothing may wait; one that ends a matter unseen may not.
  for (const [name, words_key] of [
    ['Close', 'acts.blind.no'],
    ['Refund', 'acts.blind'],
  ]) {
    await page.keyboard.press('c');
    await page.getByRole('combobox').fill(name);
    await page.keyboard.press('Enter');
    await dialog(page).getByText(t(words_key)).waitFor();
    await page.keyboard.press('Enter');
    if (name === 'Close') await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  }
  await at(answered);
  await write('r', 'composer.reply.label', 'I am late.');
  await page.keyboard.press('e');
  await page.getByText('8 actions wait').waitFor();
  await picture(page, 'offline-en');
  // The other one is there all the while.
  await there.reply(answered.id, 'Here we are.');
  await there.in('PUT', `/cases/${handed.id}/tags`, { add: ['burnt'] });
  assert.equal((await show(handed)).assignee_id, null, 'nothing has left');

  await page.context().setOffline(false);
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  const told = page.getByRole('alert').filter({ hasText: t('offline.read') });
  await told.waitFor();
  await picture(page, 'offline-back-en');
  await accessible(page, 'back again, with what was not done');
  const lines = await told.getByRole('listitem').allInnerTexts();
  assert.equal(lines.length, 2, lines.join('\n'));
  assert.ok(lines.every((line) => line.startsWith(`#${answered.number} `)));
  assert.ok(lines[0].includes(t('error.answered_meanwhile')) && lines[1].includes(t('offline.earlier')));

  assert.deepEqual(await said(answered), ['Here we are.']);
  assert.notEqual((await show(answered)).status, 'resolved', 'a reply that did not leave keeps its case');
  const box = page.getByLabel(t('composer.reply.label'), { exact: true });
  await until('the words are back', async () => (await box.inputValue()) === 'I am late.');
  assert.deepEqual(await said(alone), ['We send another lid.']);
  assert.equal((await show(alone)).status, 'resolved', 'our own reply does not stand in the way');
  assert.deepEqual(await notes(alone), ['Refund begun.']);
  assert.deepEqual(await notes(handed), ['Call the shop.', 'You know toasters.']);
  assert.equal((await show(handed)).assignee_id, there.me.id);
  assert.deepEqual((await show(handed)).tags.toSorted(), ['burnt', 'toaster'], 'both tags stand');
  await told.getByRole('button', { name: t('offline.read') }).click();
  await told.waitFor({ state: 'detached' });
  no_faults(page);
  await page.context().close();
});

test('an answer that was lost on the way: what is sent again is done once', async () => {
  const row = await new_case('lost', 'The handle came off.');
  const page = await browser.page({
    client: away,
    url: `${away.url}/w/${away.workspace}/all/case/${row.id}`,
  });
  await page.getByLabel(t('composer.reply.label'), { exact: true }).waitFor();
  // Each request arrives, and its answer does not.
  let lost = 0;
  await page.route(/\/(notes|handover|acts)$/, async (route) => {
    if (lost >= 3) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await page.keyboard.press('n');
  await page.getByLabel(t('composer.note.label'), { exact: true }).fill('Once only.');
  await page.keyboard.press('Control+Enter');
  await until('the note is there', async () => (await notes(row)).length > 0);
  await page.getByText('Connected again').first().waitFor();
  assert.ok(lost > 0);
  assert.deepEqual(await notes(row), ['Once only.']);
  no_faults(page);
  await page.context().close();
});
