// Japanese is written through an input method: while it composes, keys belong to it. Enter picks a candidate and sends
// nothing, letters are no shortcuts. Compositions are made as the browser's own protocol makes them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, no_faults, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { sleep, until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const t = words('ja');
let desk;
let receiver;
let browser;
let entry;
before(async () => {
  receiver = await WebhookReceiver.start();
  desk = await Desk.open({ language: 'ja' });
  const shop = await desk.open_account(desk.owner, { webhook_url: receiver.url });
  receiver.secret = shop.secret;
  await shop.program.post('/open/posts', open_post(1, { text: '注文した品が届きません。' }));
  entry = await desk.owner.case_with('届きません');
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
  await receiver?.stop();
});

// One reading typed, converted, and picked with Enter: what an input method does, event by event.
async function compose(page, reading, picked, { commit = true } = {}) {
  const protocol = await page.context().newCDPSession(page);
  const key = async (name, code) => {
    await protocol.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      key: name,
      windowsVirtualKeyCode: code,
    });
    await protocol.send('Input.dispatchKeyEvent', { type: 'keyUp', key: name, windowsVirtualKeyCode: code });
  };
  for (let end = 1; end <= reading.length; end += 1) {
    await key('Process', 229);
    await protocol.send('Input.imeSetComposition', {
      text: reading.slice(0, end),
      selectionStart: end,
      selectionEnd: end,
    });
  }
  await key(' ', 229);
  await protocol.send('Input.imeSetComposition', {
    text: picked,
    selectionStart: picked.length,
    selectionEnd: picked.length,
  });
  // Enter while composing: it reaches the page, and must do nothing there.
  await key('Enter', 13);
  await key('Enter', 229);
  if (commit) await protocol.send('Input.insertText', { text: picked });
  await protocol.detach();
}

const open_case = async () => {
  const page = await browser.page({
    client: desk.owner,
    language: 'ja',
    url: `${desk.url}/w/${desk.owner.workspace}/all/case/${entry.id}`,
  });
  await page.getByRole('option').filter({ hasText: '届きません' }).waitFor();
  return page;
};

test('Enter that picks a candidate sends nothing, even where Enter sends', async () => {
  await desk.owner.api('PATCH', '/me', { preferences: { enter_sends: true } });
  const page = await open_case();
  await page.keyboard.press('r');
  const box = page.getByLabel(t('composer.reply.label'), { exact: true });
  await box.waitFor();
  await compose(page, 'もうしわけ', '申し訳');
  await sleep(500); // long enough for a wrong request to leave
  assert.equal(receiver.requests.length, 0);
  assert.ok((await desk.owner.timeline(entry.id)).every((item) => item.direction !== 'out'));
  assert.match(await box.inputValue(), /申し訳/);
  await page.keyboard.insertText('ございません。');
  await page.keyboard.press('Enter'); // nothing composes now
  await until('the answer leaves', () => receiver.requests.length === 1);
  assert.match(receiver.requests[0].body.text, /申し訳.*ございません。/);
  no_faults(page);
  await page.context().close();
  await desk.owner.api('PATCH', '/me', { preferences: { enter_sends: false } });
});

test('letters of a reading are no shortcuts', async () => {
  const page = await open_case();
  const before_it = await desk.owner.in('GET', `/cases/${entry.id}`);
  // No text field has the focus, an input method is on: every key comes as 229.
  const protocol = await page.context().newCDPSession(page);
  for (const name of ['e', 'd', 'x', 'j', 'r', '?', '/']) {
    await protocol.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      key: name,
      windowsVirtualKeyCode: 229,
    });
    await protocol.send('Input.dispatchKeyEvent', { type: 'keyUp', key: name, windowsVirtualKeyCode: 229 });
  }
  await sleep(300);
  const after_it = await desk.owner.in('GET', `/cases/${entry.id}`);
  assert.equal(after_it.status, before_it.status);
  assert.equal(await page.getByRole('dialog').count(), 0);
  no_faults(page);
  await page.context().close();
});

test('Ctrl+Enter while composing does not send half a word', async () => {
  const page = await open_case();
  await page.keyboard.press('r');
  const count = receiver.requests.length;
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('Input.imeSetComposition', { text: 'とどきま', selectionStart: 4, selectionEnd: 4 });
  await protocol.send('Input.dispatchKeyEvent', {
    type: 'rawKeyDown',
    key: 'Enter',
    windowsVirtualKeyCode: 229,
    modifiers: 2,
  });
  await sleep(400);
  assert.equal(receiver.requests.length, count);
  await page.context().close();
});

test('a colleague answers while one composes: nothing of the word is lost, and nothing leaves', async () => {
  const page = await open_case();
  await page.keyboard.press('r');
  const box = page.getByLabel(t('composer.reply.label'), { exact: true });
  await box.waitFor();
  await box.fill('');
  const count = receiver.requests.length;
  await compose(page, 'おまたせ', 'お待たせ', { commit: false });
  const colleague = await desk.person('agent');
  await colleague.reply(entry.id, 'ただいまお調べしております。');
  await page.getByText(t('composer.answered.title', { name: colleague.me.name })).waitFor();
  assert.equal(await box.inputValue(), 'お待たせ', 'the composition stands');
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('Input.insertText', { text: 'お待たせ' });
  await page.keyboard.press('Control+Enter');
  await sleep(300); // long enough for a wrong request to leave
  assert.equal(await box.inputValue(), 'お待たせ');
  assert.equal(receiver.requests.length, count + 1, 'only the colleague’s');
  no_faults(page);
  await page.context().close();
});

test('the search finds what was composed, and Enter inside the composition chooses nothing', async () => {
  const page = await open_case();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await compose(page, 'とどき', '届き');
  assert.equal(await page.getByRole('dialog').count(), 1, 'still open: Enter belonged to the input method');
  no_faults(page);
  await page.context().close();
});
