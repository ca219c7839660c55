// Two people at once: an agent writes what a check holds back, a lead looks at it in the queue. By keyboard where the
// desk is worked by keyboard, with an input method composing, and with nothing that covers the text.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

const t = words('en');
let desk;
let shop;
let agent;
let lead;
let browser;
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account();
  agent = await desk.person('agent');
  lead = await desk.person('lead');
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

const post = (id, text, extra = {}) =>
  shop.program.post(
    '/open/posts',
    open_post(id, { text, reason: 'mention', visibility: 'public', ...extra }),
  );
async function open_case(who, id, text) {
  await post(id, text);
  const row = await agent.case_with(text);
  const page = await browser.page({ client: who, url: `${who.url}/w/${who.workspace}/now/case/${row.id}` });
  await box(page).waitFor();
  return { row, page };
}
const box = (page) => page.getByLabel(t('composer.reply.label'), { exact: true });
const button = (page, key, gaps) => page.getByRole('button', { name: t(key, gaps) });
const finding = (page, check) => page.locator(`[data-check="${check}"]`);
const replies_of = async (row) =>
  (await agent.timeline(row.id)).filter((item) => item.type === 'post' && item.direction === 'out');
async function close(page) {
  no_faults(page);
  await page.context().close();
}

test('held back while typing, asked, approved by another: sent once', async () => {
  const { row, page } = await open_case(agent, 'refund', 'The kettle leaks, I want my money back.');
  const queue = await browser.page({ client: lead, url: `${lead.url}/w/${lead.workspace}/approvals` });
  await queue.getByText(t('approvals.none.title')).waitFor();

  await box(page).click();
  await page.keyboard.type('We are sorry. You get a full refund for the kettle.');
  await finding(page, 'promise_words').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0, 'never a modal');
  assert.equal(await page.locator('mark[data-severity="second_person"]').textContent(), 'full refund');
  // The sentence leads to its place.
  await finding(page, 'promise_words').getByRole('button').click();
  assert.equal(
    await box(page).evaluate((field) => field.value.slice(field.selectionStart, field.selectionEnd)),
    'full refund',
  );
  await accessible(page, 'the composer with findings');
  await button(page, 'action.ask_approval').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText(t('approval.waits')).waitFor();
  assert.equal(await box(page).inputValue(), '');
  assert.equal((await replies_of(row)).length, 0);
  await page.getByText(t('approval.own')).waitFor();

  // The lead sees it come, with no reload, and the rail counts it.
  const card = queue.getByRole('article').filter({ hasText: 'kettle' });
  await card.getByText('You get a').waitFor();
  await queue.getByRole('link', { name: new RegExp(`^${t('approvals.title')}.*1$`) }).waitFor();
  await accessible(queue, 'the queue');
  await queue.keyboard.press('j');
  assert.equal(
    await queue.evaluate(() => document.activeElement?.textContent),
    t('approval.approve'),
    'j goes to the verbs',
  );
  await queue.keyboard.press('Enter');
  await queue.getByText(t('approvals.none.title')).waitFor();
  await until('it is sent', async () => (await replies_of(row)).length === 1);
  await page.getByText('You get a full refund for the kettle.').first().waitFor();
  await page.getByText(t('approval.waits')).waitFor({ state: 'detached' });
  await close(page);
  await close(queue);
});

test('sent back with a note: the words are in the composer again', async () => {
  const { row, page } = await open_case(agent, 'back', 'The toaster burns everything.');
  await box(page).fill('That is our fault, sorry for the toaster.');
  await button(page, 'action.ask_approval').click();
  await page.getByText(t('approval.waits')).waitFor();
  const other = await browser.page({
    client: lead,
    url: `${lead.url}/w/${lead.workspace}/now/case/${row.id}`,
  });
  const card = other.getByRole('article').filter({ hasText: t('approval.waits') });
  await card.getByRole('button', { name: t('approval.send_back') }).click();
  await other.getByLabel(t('approval.answer')).fill('Offer a repair first.');
  await other.keyboard.press('Control+Enter');
  await page.getByText('Offer a repair first.').first().waitFor();
  await page.reload();
  await until('the draft is back', async () => (await box(page).inputValue()).includes('our fault'));
  assert.equal((await replies_of(row)).length, 0);
  await close(page);
  await close(other);
});

test('the customer wrote again: the lead is told, and sends it all the same', async () => {
  const { row, page } = await open_case(agent, 'again', 'The fan rattles at night.');
  await box(page).fill('We guarantee that the fan gets quiet.');
  await button(page, 'action.ask_approval').click();
  await page.getByText(t('approval.waits')).waitFor();
  const queue = await browser.page({ client: lead, url: `${lead.url}/w/${lead.workspace}/approvals` });
  await button(queue, 'approval.approve').waitFor();
  await post('again', 'It stopped by itself.', { external_id: 'again-2', thread_id: 'thread-again' });
  await queue.getByText(t('approval.wrote_again')).waitFor();
  await queue.getByText('It stopped by itself.').waitFor();
  // What answers the words before is not the first thing to do any more.
  assert.deepEqual(await queue.locator('article footer button').allTextContents(), [
    t('approval.edit'),
    t('approval.send_back'),
    t('approval.approve_anyway'),
  ]);
  await page.getByText(t('approval.own.again')).waitFor();
  // Until when an answer is due stands there, and why.
  await queue.locator('article header button').click();
  await queue.getByRole('dialog').getByText(t('promise.kind.first_reply')).first().waitFor();
  await accessible(queue, 'why it is due then');
  await queue.keyboard.press('Escape');
  await button(queue, 'approval.edit').click();
  await queue.getByLabel(t('approval.text')).fill('Good that the fan is quiet again!');
  await button(queue, 'approval.send_edited').click();
  await until('it is sent', async () => (await replies_of(row)).length === 1);
  assert.equal((await replies_of(row))[0].text, 'Good that the fan is quiet again!');
  await close(page);
  await close(queue);
});

test('what must not be sent cannot be sent; taking it out lets the reply go', async () => {
  const { row, page } = await open_case(agent, 'card', 'The lamp was charged twice.');
  await box(page).fill('The lamp: is your card 4111 1111 1111 1111?');
  await finding(page, 'personal_number').waitFor();
  assert.equal(await page.locator('mark[data-severity="blocked"]').textContent(), '4111 1111 1111 1111');
  assert.equal(await button(page, 'action.reply').isDisabled(), true);
  await box(page).press('Control+Enter');
  await box(page).fill('Sorry about the lamp. Please send us a message.');
  await finding(page, 'personal_number').waitFor({ state: 'detached' });
  await box(page).press('Control+Enter');
  await until('it is sent', async () => (await replies_of(row)).length === 1);
  await close(page);
});

test('nothing is asked while an input method composes', async () => {
  const { page } = await open_case(agent, 'ime', '炊飯器が動きません。');
  const asked = [];
  page.on('request', (request) => {
    if (request.url().includes('/reply-checks')) asked.push(JSON.parse(request.postData()).text);
  });
  await box(page).click();
  const protocol = await page.context().newCDPSession(page);
  for (const text of ['ぜ', 'ぜっ', 'ぜった', 'ぜったい', '絶対に']) {
    await protocol.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  }
  await protocol.send('Input.insertText', { text: '絶対に' });
  await page.keyboard.insertText('直します。');
  await finding(page, 'promise_words').waitFor();
  assert.ok(
    asked.every((text) => text === '' || text.startsWith('絶対に')),
    `no half-written words: ${JSON.stringify(asked)}`,
  );
  assert.equal(await box(page).inputValue(), '絶対に直します。');
  await close(page);
});

test('a lead sets the checks and the voice; the composer follows', async () => {
  const settings = await browser.page({
    client: lead,
    url: `${lead.url}/w/${lead.workspace}/settings/replies`,
  });
  const form = settings.getByLabel(t('check.exclamations.name'), { exact: true });
  await form.selectOption('blocked');
  await button(settings, 'rules.save').click();
  await settings.getByText(t('toast.saved')).first().waitFor();
  await settings.getByLabel(t('voice.max_exclamations')).fill('0');
  await button(settings, 'voice.save').click();
  await until('the voice is kept', async () => {
    return (await lead.in('GET', '/voice-guides')).shared.max_exclamations === 0;
  });
  await accessible(settings, 'the settings');
  const { page } = await open_case(agent, 'voice', 'The grill smokes.');
  await box(page).fill('Sorry about the grill!');
  await finding(page, 'exclamations').waitFor();
  assert.equal(await button(page, 'action.reply').isDisabled(), true);
  await close(page);
  await close(settings);
});
