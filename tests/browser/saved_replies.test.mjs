// The composer's kit by keyboard: a short code with an input method at work, a candidate by its key, thanks in one key,
// no private answer in public by mistake; in both languages, on a telephone, and to a screen reader.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';

let desk;
let shop;
let chat;
let agent;
let browser;
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account();
  chat = await desk.open_account(desk.owner, { name: 'Chat', private_url: 'http://127.0.0.1:9/chat' });
  agent = await desk.person('agent');
  browser = await Browser.launch();
  const { owner } = desk;
  await owner.in('POST', '/saved-replies', {
    folder: '配送',
    name: '配送の遅れ',
    code: 'late',
    variants: [
      { language: 'ja', text: '{{customer.name|お客様}}様、荷物が届かずご不便をおかけしております。' },
      { language: 'en', text: 'Dear {{customer.name|customer}}, we are sorry that your parcel is late.' },
    ],
  });
  await owner.in('POST', '/saved-replies', {
    name: 'Thanks',
    code: 'thanks',
    is_thanks: true,
    variants: [{ text: 'Thank you, {{customer.name}}!' }],
  });
  const list = await owner.in('POST', '/reward-lists', { key: 'spring', name: 'Spring' });
  await owner.in('POST', `/reward-lists/${list.id}/codes`, { text: 'CODE-1\nCODE-2' });
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

async function open_case(id, text, { author, ...look } = {}) {
  const post = { text, reason: 'mention', visibility: 'public', ...(author ? { author } : {}) };
  await shop.program.post('/open/posts', open_post(id, post));
  const row = await agent.case_with(text);
  const page = await browser.page({
    client: agent,
    url: `${agent.url}/w/${agent.workspace}/now/case/${row.id}`,
    ...look,
  });
  const t = words(look.language ?? 'en');
  const box = page.getByLabel(t('composer.reply.label'), { exact: true });
  await box.waitFor();
  return { row, page, box, t };
}
const sent = async (row) => (await agent.timeline(row.id)).filter((item) => item.direction === 'out');
async function close(page) {
  no_faults(page);
  await page.context().close();
}

test('a short code, narrowed, previewed and taken with Enter; a reward behind it; sent', async () => {
  const { row, page, box, t } = await open_case('late', 'Where is my parcel? It is late again');
  await page
    .getByRole('list', { name: t('kit.candidates') })
    .getByText('Dear Person late')
    .waitFor();
  await page.keyboard.press('r');
  await page.keyboard.type('Hello! /la');
  const list = page.getByRole('listbox', { name: t('kit.saved') });
  await list.getByRole('option', { name: '配送の遅れ', selected: true }).waitFor();
  await until('one is left', async () => (await list.getByRole('option').count()) === 1);
  await accessible(page, 'the list of saved replies');
  await page.keyboard.press('Enter');
  await until('it stands in the text', async () =>
    (await box.inputValue()).startsWith('Hello! Dear Person late, we are sorry'),
  );
  assert.equal(await list.count(), 0);
  assert.equal((await sent(row)).length, 0, 'Enter took it and sent nothing');
  await page.getByRole('button', { name: t('reward.insert') }).click();
  await page.getByRole('menuitem', { name: 'Spring' }).click();
  await until('the code is kept', async () => (await box.inputValue()).endsWith('{{reward:spring}}'));
  await box.focus();
  await page.keyboard.press('Control+Enter');
  await until('sent with a code', async () => /CODE-\d$/.test((await sent(row))[0]?.text ?? ''));
  await close(page);
});

test('Escape leaves the list and keeps the words; a slash inside of a word opens nothing', async () => {
  const { page, box, t } = await open_case('escape', 'The chair creaks whenever I sit down');
  await page.keyboard.press('r');
  await page.keyboard.type('and/or https://x.example /');
  const list = page.getByRole('listbox', { name: t('kit.saved') });
  await list.waitFor();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  assert.equal(await box.inputValue(), 'and/or https://x.example /');
  assert.equal(await box.evaluate((field) => document.activeElement === field), true);
  await close(page);
});

test('while an input method composes nothing opens; what it leaves behind does', async () => {
  const author = { id: 'sato', name: '佐藤' };
  const { page, box, t } = await open_case('ime', '荷物がまだ届きません。いつ届きますか？', {
    author,
    language: 'ja',
    width: 390,
  });
  const list = page.getByRole('listbox', { name: t('kit.saved') });
  await box.click();
  const protocol = await page.context().newCDPSession(page);
  const compose = (text) =>
    protocol.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  await compose('／');
  await compose('／はいそう');
  await compose('／配送');
  assert.equal(await list.count(), 0, 'composing');
  await protocol.send('Input.insertText', { text: '／配送' });
  await list.getByRole('option', { name: '配送の遅れ' }).waitFor();
  await page.keyboard.press('Tab');
  await until('filled', async () => (await box.inputValue()).startsWith('佐藤様、荷物が届かず'));
  await accessible(page, 'the composer on a telephone');
  await close(page);
});

test('a candidate by its key', async () => {
  const { page, box, t } = await open_case('alt', 'My parcel is so late this week');
  await page.getByRole('list', { name: t('kit.candidates') }).waitFor();
  await page.keyboard.press('r');
  await page.keyboard.press('Alt+1');
  await until('it stands in the text', async () => (await box.inputValue()).startsWith('Dear Person alt'));
  await close(page);
});

test('praise: thanks with one key', async () => {
  const { row, page } = await open_case('praise', 'I love this lamp so much, wonderful!');
  await page.locator('body').click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('y');
  await until('thanked', async () => (await sent(row))[0]?.text === 'Thank you, Person praise!');
  await close(page);
});

test('they wrote in private: in public only with a tick, and a draft keeps its place', async () => {
  const { row, page, box, t } = await open_case('private', 'The heater smells odd, what shall I do?');
  await page.getByRole('button', { name: t('private.insert'), exact: true }).click();
  await until('the variable', async () => (await box.inputValue()).endsWith('{{private_link}}'));
  await page.keyboard.type(' about the heater');
  await page.keyboard.press('Control+Enter');
  const [, word] = await until('the link', async () => (await sent(row))[0]?.text.match(/\/p\/([\w-]+)/));
  // A draft begun for the public place …
  await box.click();
  await page.keyboard.type('Everybody with this heater: please');
  await chat.program.post('/open/posts', {
    external_id: 'in-private',
    thread_id: 'chat',
    text: 'My number is on the card',
    visibility: 'private',
    author: { id: 'visitor', name: 'Visitor' },
    continues: word,
  });
  await page.getByText('My number is on the card').first().waitFor();
  // … does not move by itself, and does not leave without the tick.
  const way = page.getByLabel(t('composer.way'));
  await until('two ways', async () => (await way.locator('option').count()) === 2);
  const shown = () => way.evaluate((select) => select.selectedOptions[0].textContent);
  assert.match(await shown(), /^Public/);
  await page.getByText(t('private.public.title')).waitFor();
  const ask = page.getByRole('button', { name: t('action.ask_approval') });
  await ask.waitFor(); // the check has its say as well
  assert.equal(await ask.isDisabled(), true);
  await box.press('Control+Enter');
  assert.equal((await sent(row)).length, 1);
  assert.equal((await agent.in('GET', '/approvals')).items.length, 0);
  await accessible(page, 'the question whether public is meant');
  await page.getByRole('checkbox').check();
  assert.equal(await ask.isDisabled(), false);
  // An empty composer answers where they wrote last.
  await box.fill('');
  await until('private now', async () => /^Private/.test(await shown()));
  await close(page);
});

test('the library in the settings, by its own words, both languages', async () => {
  for (const language of ['en', 'ja']) {
    const t = words(language);
    const page = await browser.page({
      client: desk.owner,
      language,
      width: language === 'ja' ? 390 : 1440,
      theme: language === 'ja' ? 'dark' : 'light',
      url: `${desk.url}/w/${desk.owner.workspace}/settings/library`,
    });
    await page.getByText('配送の遅れ').waitFor();
    await page.getByRole('button', { name: t('library.add') }).click();
    await page.getByLabel(t('library.name')).fill(`New ${language}`);
    await page.getByLabel(t('library.text'), { exact: false }).first().fill('Hello {{customer.nmae}}');
    await page.getByRole('button', { name: t('library.save') }).click();
    await page.getByRole('alert').getByText(t('error.unknown_variable')).waitFor();
    await page.getByLabel(t('library.text'), { exact: false }).first().fill('Hello {{customer.name|you}}');
    await accessible(page, 'the editor of a saved reply');
    await page.getByRole('button', { name: t('library.save') }).click();
    await page.getByText(`New ${language}`).waitFor();
    await page.goto(`${desk.url}/w/${desk.owner.workspace}/settings/rewards`);
    await page.getByText('{{reward:spring}}').waitFor();
    await accessible(page, 'reward codes');
    await close(page);
  }
});
