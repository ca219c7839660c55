// An agent's day by keyboard alone: from the list to the answer and on, without touching the mouse.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Browser, no_faults, picture, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';
import { until } from '../support/wait.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const t = words('en');
let desk;
let shop;
let agent;
let browser;
let page;
let receiver;
before(async () => {
  receiver = await WebhookReceiver.start();
  desk = await Desk.open();
  shop = await desk.open_account(desk.owner, { webhook_url: receiver.url });
  receiver.secret = shop.secret;
  agent = await desk.person('agent');
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
  await receiver?.stop();
});

// A page on the queue "To do now" in which exactly these cases stand.
async function inbox(...texts) {
  for (const row of await agent.all_cases('now')) await agent.in('POST', `/cases/${row.id}/resolve`);
  const rows = [];
  for (const text of texts) {
    await shop.program.post('/open/posts', open_post(crypto.randomUUID(), { text }));
    rows.push(await agent.case_with(text));
  }
  page = await browser.page({ client: agent, url: `${agent.url}/w/${agent.workspace}/now` });
  await list().waitFor();
  for (const text of texts) await row(text).waitFor();
  return rows;
}
const list = () => page.getByRole('listbox', { name: t('list.label') });
const row = (text) => page.getByRole('option').filter({ hasText: text });
const reply_box = () => page.getByLabel(t('composer.reply.label'), { exact: true });
const keys = async (...pressed) => {
  for (const key of pressed) await page.keyboard.press(key);
};
const now = (id) => agent.in('GET', `/cases/${id}`);

beforeEach(() => {
  page = null;
});

async function done() {
  no_faults(page);
  await page.context().close();
}

test('move, open, reply, send: the answer leaves and is seen to be confirmed', async () => {
  const rows = await inbox('The first tap drips.', 'The second tap drips.');
  const second = row('The second tap drips.');
  await keys('j', 'k', 'j');
  for (let step = 0; step < 5 && (await second.getAttribute('aria-selected')) !== 'true'; step += 1) {
    await keys(step % 2 ? 'j' : 'k');
  }
  await keys('Enter');
  await page.waitForURL(/\/case\//);
  const open_id = page.url().match(/\/case\/(\d+)/)[1];
  assert.ok(rows.some((entry) => entry.id === open_id));
  await keys('r');
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  await page.keyboard.type('We are on our way.');
  await keys('Enter'); // a new line, nothing else
  await page.keyboard.type('Today.');
  assert.equal(receiver.requests.length, 0);
  await keys('Control+Enter');
  await until('the answer arrives', () => receiver.requests.length === 1);
  assert.equal(receiver.requests[0].body.text, 'We are on our way.\nToday.');
  await page.getByText('We are on our way.').first().waitFor();
  await until('its state is shown', async () =>
    /Visible on/.test(await page.locator('main, body').first().innerText()),
  );
  assert.equal(
    await reply_box()
      .inputValue()
      .catch(() => ''),
    '',
  );
  await done();
});

test('a note is for colleagues only', async () => {
  const [entry] = await inbox('Note this, please.');
  await keys('j', 'Enter', 'n');
  await page.getByLabel(t('composer.note.label'), { exact: true }).waitFor();
  await page.keyboard.type('Known since May.');
  await keys('Control+Enter');
  await until('the note is kept', async () =>
    (await agent.timeline(entry.id)).some((item) => item.type === 'note' && item.text === 'Known since May.'),
  );
  assert.ok(!receiver.requests.some((request) => request.body?.text === 'Known since May.'));
  await done();
});

test('resolve and take it back within the time for it', async () => {
  const [entry] = await inbox('Resolve me.');
  await keys('j', 'Enter');
  await page.waitForURL(/\/case\//);
  await keys('e');
  await until('it is resolved', async () => (await now(entry.id)).status === 'resolved');
  await keys('z');
  await until('it is open again', async () => (await now(entry.id)).status === 'open');
  await done();
});

test('assign, tag, snooze and dismiss from their keys', async () => {
  const [entry] = await inbox('Handle me.');
  await keys('j', 'Enter');
  await page.waitForURL(/\/case\//);
  await keys('m');
  await until('it is mine', async () => (await now(entry.id)).assignee_id === agent.me.id);
  await keys('t');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('drip');
  await keys('Enter');
  await until(
    'it is tagged',
    async () => {
      if ((await now(entry.id)).tags.includes('drip')) return true;
      await keys('Enter');
      return false;
    },
    { every_ms: 300 },
  );
  if (await page.getByRole('dialog').count()) await keys('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys('s');
  await page.getByRole('dialog').waitFor();
  await keys('Enter');
  await until('it sleeps', async () => (await now(entry.id)).status === 'snoozed');
  await agent.in('POST', `/cases/${entry.id}/open`);
  await until('the page has heard it', async () => (await row('Handle me.').count()) > 0);
  await page.goto(`${agent.url}/w/${agent.workspace}/now/case/${entry.id}`);
  await row('Handle me.').waitFor();
  await keys('d');
  await page.getByRole('dialog').waitFor();
  await keys('Enter');
  await until('it is dismissed', async () => (await now(entry.id)).status === 'dismissed');
  assert.ok((await now(entry.id)).dismiss_reason);
  await done();
});

test('go to views, search, commands and help', async () => {
  await inbox('昨日から返金されません。');
  await keys('g', 'f');
  await page.waitForURL(/\/found/);
  await keys('g', 'm');
  await page.waitForURL(/\/mine/);
  await keys('g', 'i');
  await page.waitForURL(/\/now/);
  await keys('?');
  await page.getByRole('dialog').waitFor();
  await keys('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys('Control+k');
  await page.getByRole('dialog').waitFor();
  await keys('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys('/');
  await page.waitForFunction(() => ['INPUT', 'TEXTAREA'].includes(document.activeElement?.tagName));
  await page.keyboard.insertText('返金');
  await page.getByText('返金されません').first().waitFor();
  await done();
});

test('a new case does not move the list under the eyes; at its top it comes in', async () => {
  await inbox('Already here.');
  await shop.program.post('/open/posts', open_post(crypto.randomUUID(), { text: 'Just arrived.' }));
  await row('Just arrived.').or(page.getByText('1 new case')).first().waitFor();
  await done();
});

test('what comes while the list is on its way, or before the page hears, stands in it all the same', async () => {
  await inbox('Here before.');
  const open = async (glob, hold) => {
    const url = page.url();
    await page.goto('about:blank');
    await page.context().route(glob, hold, { times: 1 });
    await page.goto(url);
  };
  const bring = (text) => shop.program.post('/open/posts', open_post(crypto.randomUUID(), { text }));
  const here = () => page.getByRole('link', { name: t('view.now') }).getByText('2', { exact: true });

  // The answer with the list was made before the post came, and is read after.
  await open('**/cases?view=now*', async (route) => {
    const old = await route.fetch();
    await bring('While it was read.');
    await here().waitFor();
    await route.fulfill({ response: old });
  });
  await row('While it was read.').waitFor();

  // The list is read, the page hears nothing yet.
  await open('**/live*', async (route) => {
    await row('Here before.').waitFor();
    await bring('Before it heard.');
    await agent.case_with('Before it heard.');
    await route.continue();
  });
  await row('Before it heard.').waitFor();
  await done();
});

test('a draft survives a reload', async () => {
  await inbox('Draft me.');
  await keys('j', 'Enter', 'r');
  await reply_box().waitFor();
  await page.keyboard.type('Half an answ');
  await page.reload();
  await until('the draft is back', async () => (await reply_box().inputValue()) === 'Half an answ');
  await done();
});

test('markup in a post is text on the screen', async () => {
  const text = '<img src=x onerror="document.title=1"> <b>bold</b>';
  await inbox(text);
  await keys('j', 'Enter');
  await page.waitForURL(/\/case\//);
  await page.getByText('<b>bold</b>').first().waitFor();
  assert.notEqual(await page.title(), '1');
  await done();
});

test('two people at one case see each other', async () => {
  const [entry] = await inbox('Both of us.');
  await keys('j', 'Enter', 'r');
  await page.keyboard.type('I am at it');
  const other = await browser.page({
    client: desk.owner,
    url: `${agent.url}/w/${agent.workspace}/now/case/${entry.id}`,
  });
  await other
    .getByText(/is (writing|looking)/)
    .or(other.getByTitle(/is (writing|looking)/))
    .first()
    .waitFor();
  await other.context().close();
  await done();
});

test('a colleague answers meanwhile: the writer is told, and sends only what is meant', async () => {
  const [entry] = await inbox('Nobody answers me.');
  await keys('j', 'Enter', 'r');
  await page.keyboard.type('I am late');
  await desk.owner.reply(entry.id, 'Here we are.');
  const told = page.getByText(t('composer.answered.title', { name: desk.owner.me.name }));
  await told.waitFor();
  await picture(page, 'answered-meanwhile-en');
  await page.keyboard.press('Control+Enter');
  const said = async () =>
    (await agent.timeline(entry.id)).filter((item) => item.direction === 'out').map((item) => item.text);
  assert.equal(await reply_box().inputValue(), 'I am late', 'it stays, and nothing is sent');
  assert.deepEqual(await said(), ['Here we are.']);
  await page.getByRole('button', { name: t('composer.answered.mean') }).click();
  await told.waitFor({ state: 'detached' });
  await reply_box().focus();
  await page.keyboard.press('Control+Enter');
  await until('both are said', async () => (await said()).length === 2);
  assert.deepEqual(await said(), ['Here we are.', 'I am late']);
  await done();
});
