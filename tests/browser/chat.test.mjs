// Two browsers: a visitor on the brand's own page, which is of another origin and strict about what it allows, and an
// agent at the desk. By keyboard, in both languages, dark and light, and on a phone.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { connect_chat, hours, identity, png, soon } from '../support/visitor.mjs';
import { until } from '../support/wait.mjs';

const en = words('en');
const ja = words('ja');
const word = (t, key, gaps) => t(`network.chat.word.${key}`, gaps);
let desk;
let agent;
let chat;
let site; // the brand's
let stranger; // somebody else's
let browser;

// A page with a Content-Security-Policy that allows what docs/use/chat.md says, and nothing more.
async function brand_site() {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://x');
    const language = url.searchParams.get('lang') ?? 'en';
    const tag = url.pathname === '/reach' ? server.reach : server.tag;
    const who = url.searchParams.get('identity');
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src ${desk.url}; connect-src ${desk.url}; img-src blob:`,
    );
    const script = who ? tag.replace(' async', ` data-identity="${who}" async`) : tag;
    const head = `<html lang="${language}"><meta name="viewport" content="width=device-width"><title>Shop</title>`;
    response.end(`<!doctype html>${head}<main><h1>Shop</h1><p>Mugs and bowls.</p>${script}</main></html>`);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  // localhost and 127.0.0.1 are two sites: what a browser sends between them is cross-site.
  server.origin = `http://localhost:${server.address().port}`;
  return server;
}

before(async () => {
  desk = await Desk.open({ settings: { 'mail.url': 'smtp://127.0.0.1:9' } });
  agent = await desk.person('agent');
  site = await brand_site();
  stranger = await brand_site();
  chat = await connect_chat(desk, {
    origins: [site.origin],
    color: '#8a3b12',
    ja: { title: 'こもれび珈琲 相談窓口', greeting: 'こんにちは。器のことなら何でもどうぞ。' },
  });
  site.tag = chat.setup.snippet;
  stranger.tag = chat.setup.snippet;
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  site?.close();
  stranger?.close();
  await desk?.stop();
});

const visit = (options = {}, search = '') =>
  browser.page({ width: 1100, ...options, url: `${site.origin}/?lang=${options.language ?? 'en'}${search}` });
const door = (page, t = en) => page.getByRole('button', { name: new RegExp(`^${word(t, 'open')}`) });
const line = (page, t = en) => page.getByRole('textbox', { name: word(t, 'message'), exact: true });
const log = (page, t = en) => page.getByRole('log', { name: word(t, 'log') });
const said = (page, text, t = en) => log(page, t).getByText(text, { exact: true });
const kept = (page) => page.evaluate(() => ({ cookies: document.cookie, stored: { ...localStorage } }));
async function open_case(text) {
  const row = await agent.case_with(text);
  const page = await browser.page({
    client: agent,
    url: `${agent.url}/w/${agent.workspace}/now/case/${row.id}`,
  });
  await page.getByLabel(en('composer.reply.label'), { exact: true }).waitFor();
  return { row, page };
}
async function close(...pages) {
  for (const page of pages) {
    no_faults(page);
    await page.context().close();
  }
}

test('a visitor writes, the agent sees it and types, the answer comes, and a reload keeps it all', async () => {
  const visitor = await visit();
  await door(visitor).waitFor();
  assert.deepEqual(await kept(visitor), { cookies: '', stored: {} }, 'nothing is kept before they write');
  await door(visitor).focus();
  await visitor.keyboard.press('Enter');
  await visitor.getByRole('dialog').waitFor();
  assert.ok(await line(visitor).evaluate((field) => field.matches(':focus')), 'the line has the focus');
  assert.deepEqual((await kept(visitor)).stored, {}, 'nor when they look');
  await visitor.keyboard.type('My bowl <i>arrived</i> broken.');
  // An Enter that ends a conversion is none.
  await line(visitor).evaluate((field) =>
    field.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }),
    ),
  );
  assert.equal(await line(visitor).inputValue(), 'My bowl <i>arrived</i> broken.');
  await visitor.keyboard.press('Enter');
  await said(visitor, 'My bowl <i>arrived</i> broken.').waitFor();
  const after_writing = await kept(visitor);
  assert.equal(after_writing.cookies, '');
  assert.equal(Object.keys(after_writing.stored).length, 1);

  const { row, page } = await open_case('My bowl');
  await page.getByText(en('visitor.here')).waitFor();
  await line(visitor).pressSequentially('And');
  await page.getByText(en('visitor.writing')).waitFor();
  await accessible(page, 'the desk with a visitor');
  const box = page.getByLabel(en('composer.reply.label'), { exact: true });
  await box.click();
  await page.keyboard.type('We are sorry! A new bowl leaves today.');
  await visitor.getByText(word(en, 'typing')).waitFor();
  await page.keyboard.press('Control+Enter');
  await said(visitor, 'We are sorry! A new bowl leaves today.').waitFor();
  await accessible(visitor, 'the chat');
  await picture(visitor, 'chat_visitor');
  await picture(page, 'chat_agent');

  await visitor.reload();
  await door(visitor).click();
  await said(visitor, 'My bowl <i>arrived</i> broken.').waitFor();
  await said(visitor, 'We are sorry! A new bowl leaves today.').waitFor();

  // Closed, the button tells of what is new; Escape closes and gives the focus back.
  await visitor.keyboard.press('Escape');
  await visitor.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.ok(await door(visitor).evaluate((button) => button.matches(':focus')));
  await agent.reply(row.id, 'It is on its way.');
  const unread = visitor.getByRole('button', { name: word(en, 'unread', { count: 1 }) });
  await unread.waitFor();
  await unread.click();
  await said(visitor, 'It is on its way.').waitFor();

  // Without a network nothing is lost on either side.
  await visitor.context().setOffline(true);
  await line(visitor).fill('Written without a network');
  await line(visitor).press('Enter');
  await visitor.getByText(word(en, 'failed')).first().waitFor();
  await agent.reply(row.id, 'Said while you were away.');
  await visitor.context().setOffline(false);
  await said(visitor, 'Said while you were away.').waitFor();
  await page.getByText('Written without a network').first().waitFor();
  await until('all stands there once', async () => {
    const texts = (await agent.timeline(row.id)).filter((item) => item.text === 'Written without a network');
    return texts.length === 1;
  });
  await close(visitor, page);
});

test('pictures go both ways', async () => {
  const visitor = await visit();
  await door(visitor).click();
  await visitor
    .locator('input[type=file]')
    .setInputFiles({ name: 'mug.png', mimeType: 'image/png', buffer: png() });
  await visitor.getByRole('button', { name: word(en, 'remove') }).waitFor();
  await line(visitor).fill('This is the mug with a picture');
  await line(visitor).press('Enter');
  await said(visitor, 'This is the mug with a picture').waitFor();
  const loaded = (count) =>
    until('the pictures are there', () =>
      log(visitor)
        .locator('img')
        .evaluateAll(
          (images, wanted) => images.length === wanted && images.every((image) => image.naturalWidth > 0),
          count,
        ),
    );
  await loaded(1);
  const row = await agent.case_with('This is the mug with a picture');
  const attachment = await agent.in('POST', '/attachments?alt=The%20new%20one', png(), { raw: true });
  await agent.reply(row.id, 'We send you this one', { attachment_ids: [attachment.id] });
  await said(visitor, 'We send you this one').waitFor();
  await loaded(2);
  await log(visitor).getByAltText('The new one').waitFor();
  // Large, by the keyboard; Escape closes the picture and not the chat.
  const large = visitor
    .getByRole('dialog')
    .filter({ has: visitor.getByRole('button', { name: word(en, 'shrink') }) });
  await log(visitor)
    .getByRole('button', { name: word(en, 'enlarge') })
    .last()
    .press('Enter');
  await large.getByAltText('The new one').waitFor();
  await visitor.keyboard.press('Escape');
  await large.waitFor({ state: 'detached' });
  await said(visitor, 'We send you this one').waitFor();
  const { page: desk_page } = await open_case('This is the mug with a picture');
  const image = desk_page.getByRole('link', { name: en('attachment.no_alt') }).first();
  await image.press('Enter');
  const shown = desk_page.getByRole('dialog', { name: en('attachment.no_alt') });
  await shown.waitFor();
  await accessible(desk_page);
  await desk_page.keyboard.press('Escape');
  await shown.waitFor({ state: 'detached' });
  await until('the focus goes back', () => image.evaluate((link) => link === document.activeElement));
  await close(desk_page);
  await visitor
    .locator('input[type=file]')
    .setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await visitor.getByRole('alert').getByText(word(en, 'not_an_image')).waitFor();
  await visitor.reload();
  await door(visitor).click();
  await loaded(2);
  await close(visitor);
});

test('in Japanese, in the dark, on a phone; after hours with an address for the answer', async () => {
  const book = await desk.owner.in('GET', '/promises');
  await desk.owner.in('PUT', '/promises', { version: book.version, ...hours(false) });
  const visitor = await visit({ language: 'ja', theme: 'dark', width: 390 });
  await door(visitor, ja).click();
  await visitor.getByRole('heading', { name: 'こもれび珈琲 相談窓口' }).waitFor();
  await visitor.getByText(word(ja, 'closed_now')).waitFor();
  const box = await visitor.getByRole('dialog').boundingBox();
  assert.deepEqual([box.x, box.y, box.width], [0, 0, 390], 'the whole screen');
  await no_sideways(visitor, 'a phone');
  const email = visitor.getByLabel(word(ja, 'email'));
  await email.fill('佐藤');
  await line(visitor, ja).fill('取っ手の取れた湯のみについて伺いたいです');
  await line(visitor, ja).press('Enter');
  await visitor.getByRole('alert').getByText(word(ja, 'email_wrong')).waitFor();
  await email.fill('sato@example.com');
  await line(visitor, ja).press('Enter');
  await said(visitor, '取っ手の取れた湯のみについて伺いたいです', ja).waitFor();
  await visitor.getByText(word(ja, 'email_kept', { email: 'sato@example.com' })).waitFor();
  const row = await agent.case_with('取っ手の取れた湯のみ');
  assert.equal((await agent.in('GET', `/cases/${row.id}/visitor`)).visitor.email, 'sato@example.com');
  await accessible(visitor, 'the chat in Japanese, dark, on a phone');
  await picture(visitor, 'chat_ja_dark_390');
  // The desk opens while the page stands open.
  await visitor.clock.install();
  await visitor.reload();
  await door(visitor, ja).click();
  await visitor.getByText(word(ja, 'closed_now')).waitFor();
  const now = await desk.owner.in('GET', '/promises');
  await desk.owner.in('PUT', '/promises', { version: now.version, ...hours(true) });
  await visitor.clock.fastForward(65_000);
  await visitor.getByText(word(ja, 'open_now')).waitFor();
  await close(visitor);
});

test('a site that is not allowed shows nothing', async () => {
  const page = await browser.page({ width: 1100, url: 'about:blank' });
  const asked = page.waitForEvent('requestfailed', (request) => request.url().includes('/config'));
  await page.goto(`${stranger.origin}/`);
  await asked; // the browser does not even let the page read the refusal
  assert.equal(await door(page).count(), 0);
  await page.context().close();
});

test('a flood is held, told in words, and arrives in the end in its order', async () => {
  const visitor = await visit();
  await door(visitor).click();
  for (let i = 0; i < 12; i += 1) {
    await line(visitor).fill(`Many words ${i}`);
    await line(visitor).press('Enter');
  }
  await visitor.getByText(word(en, 'too_fast')).first().waitFor();
  const row = await agent.case_with('Many words');
  await until('all came', async () => {
    const texts = (await agent.timeline(row.id))
      .filter((item) => item.direction === 'in')
      .map((item) => item.text);
    return texts.join() === Array.from({ length: 12 }, (_, i) => `Many words ${i}`).join();
  });
  await close(visitor);
});

test('a private link opens the chat with its word, which goes with the first message', async () => {
  const shop = await desk.open_account();
  await shop.program.post('/open/posts', {
    external_id: 'public',
    text: 'The teapot of the public thread leaks',
    reason: 'mention',
    visibility: 'public',
    author: { id: 'tea', name: 'Tea' },
  });
  const row = await agent.case_with('The teapot of the public thread');
  await agent.reply(row.id, 'Please come here: {{private_link}}');
  const offered = (await agent.timeline(row.id)).findLast((item) => item.direction === 'out').text;
  // The hosted page of the desk, for brands without a page of their own.
  const customer = await browser.page({ width: 800, url: offered.match(/https?:\S+\/p\/[\w-]+/)[0] });
  await customer.getByRole('main').waitFor();
  assert.match(customer.url(), /\?kikimimi=/);
  await line(customer).fill('It is me with the teapot');
  await line(customer).press('Enter');
  await said(customer, 'It is me with the teapot').waitFor();
  await until('the word is gone from the address', () => !/kikimimi=/.test(customer.url()));
  await until('it is the same case', async () =>
    (await agent.timeline(row.id)).some((item) => item.text === 'It is me with the teapot'),
  );
  await accessible(customer, 'the hosted page');
  await picture(customer, 'chat_hosted');
  await close(customer);
});

// As the keeping time does it, at once.
function forget(text) {
  const store = new DatabaseSync(join(desk.program.data, 'kikimimi.db'));
  const find = store.prepare('SELECT visitor_id AS id FROM chat_messages WHERE text = ?');
  find.setReadBigInts(true);
  const { id } = find.get(text);
  for (const table of ['chat_messages', 'chat_files', 'chat_tokens'])
    store.prepare(`DELETE FROM ${table} WHERE visitor_id = ?`).run(id);
  store.prepare('DELETE FROM chat_visitors WHERE id = ?').run(id);
  store.close();
}

for (const [when, is_read] of [
  ['', true],
  [', also before the page has read it', false],
]) {
  test(`a conversation that is forgotten under an open page begins anew there${when}`, async () => {
    const old = `Said long ago, before it was forgotten${when}`;
    const visitor = await visit();
    const gone = Promise.withResolvers();
    if (is_read) gone.resolve();
    await visitor.route('**/messages?after=*', async (route) => {
      await gone.promise;
      await route.continue();
    });
    const stream = visitor.waitForRequest('**/events?after=*');
    await door(visitor).click();
    await line(visitor).fill(old);
    await line(visitor).press('Enter');
    await said(visitor, old).waitFor();
    if (is_read) await stream;
    const before_it = await agent.case_with(old);
    forget(old);
    gone.resolve();
    await line(visitor).fill(`Here again, as somebody new${when}`);
    await line(visitor).press('Enter');
    const row = await agent.case_with(`Here again, as somebody new${when}`);
    assert.notEqual(row.id, before_it.id);
    await agent.reply(row.id, `Welcome, somebody new${when}`);
    await said(visitor, `Welcome, somebody new${when}`).waitFor();
    await said(visitor, `Here again, as somebody new${when}`).waitFor();
    await said(visitor, old).waitFor({ state: 'detached' });
    await close(visitor);
  });
}

test('who signs out of the site leaves nothing behind for the next one', async () => {
  const { secret } = await desk.owner.in('POST', `/accounts/${chat.account.id}/chat/secret`, {});
  const token = identity(secret, { sub: 'u1', name: 'Sato', exp: soon() });
  const visitor = await visit({}, `&identity=${token}`);
  await door(visitor).click();
  await line(visitor).fill('Only for me');
  await line(visitor).press('Enter');
  await said(visitor, 'Only for me').waitFor();
  assert.equal((await agent.case_with('Only for me')).name, 'Sato');
  await visitor.goto(`${site.origin}/?lang=en`); // signed out
  await door(visitor).click();
  await line(visitor).waitFor();
  assert.equal(await said(visitor, 'Only for me').count(), 0);
  assert.deepEqual((await kept(visitor)).stored, {});
  await close(visitor);
});

test('the settings: sites, words and colours, the line to copy, and how it looks', async () => {
  const page = await browser.page({
    client: desk.owner,
    url: `${desk.url}/w/${desk.owner.workspace}/settings/chat`,
  });
  await page.getByRole('textbox', { name: en('chat.snippet.line') }).waitFor();
  assert.equal(
    await page.getByRole('textbox', { name: en('chat.snippet.line') }).inputValue(),
    chat.setup.snippet,
  );
  await page.getByLabel(en('chat.text.greeting')).last().fill('Ask us anything about bowls.');
  await page.getByRole('button', { name: en('action.save') }).click();
  await page
    .frameLocator('iframe')
    .getByText(/Ask us anything about bowls|器のことなら/)
    .waitFor();
  await accessible(page, 'the settings of the chat');
  await picture(page, 'chat_settings');
  await page.getByRole('button', { name: en('chat.identity.make') }).click();
  await page.getByText(en('accounts.once.title')).waitFor();
  await close(page);
});

test('how to reach us: set up in the settings, as a page and as a piece of the brand’s page', async () => {
  const page = await browser.page({
    client: desk.owner,
    url: `${desk.url}/w/${desk.owner.workspace}/settings/reach`,
  });
  await page.getByLabel(en('reach.enabled')).check();
  await page.getByLabel(new RegExp(`^${en('network.chat.name')}`)).check();
  await page.getByRole('button', { name: en('reach.way.add') }).click();
  await page.getByLabel(en('reach.way.ja')).fill('電話');
  await page.getByLabel(en('reach.way.value')).fill('03-0000-0000');
  await page.getByLabel(en('reach.way.url')).fill('tel:+81300000000');
  await page.getByLabel(en('chat.origins')).fill(site.origin);
  await page.getByLabel(en('chat.origins')).press('Enter');
  await page.getByRole('button', { name: en('action.save') }).click();
  const snippet = page.getByRole('textbox', { name: en('chat.snippet.line') });
  await snippet.waitFor();
  await accessible(page, 'the settings of the reach page');
  site.reach = await snippet.inputValue();
  const url = await page.getByRole('textbox', { name: en('reach.page') }).inputValue();
  await picture(page, 'reach_settings');
  for (const [language, theme, width] of [
    ['ja', 'light', 390],
    ['en', 'dark', 900],
  ]) {
    const reach = await browser.page({ language, theme, width, url: `${url}?lang=${language}` });
    await reach.getByText('03-0000-0000').waitFor();
    await accessible(reach, `the reach page in ${language}`);
    await no_sideways(reach, `the reach page in ${language}`);
    await picture(reach, `reach_${language}_${width}`);
    await close(reach);
  }
  const piece = await browser.page({ width: 900, url: `${site.origin}/reach?lang=ja` });
  await piece.getByText('03-0000-0000').waitFor();
  await accessible(piece, 'the piece on the brand’s page');
  await close(piece, page);
});
