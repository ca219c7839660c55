// The page of an account, and what a case shows of files and of answering by hand. What no network here can say (a
// webhook, meters, a closed post) is laid over the desk's own answers on their way to the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk, open_post } from '../support/desk.mjs';

let desk;
let browser;
let shop;
let row;
before(async () => {
  desk = await Desk.open();
  shop = await desk.open_account();
  await shop.program.post(
    '/open/posts',
    open_post('film', {
      text: 'The hinge is bent, look (smile) please',
      reason: 'mention',
      visibility: 'public',
    }),
  );
  row = await desk.owner.case_with('The hinge is bent');
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
});

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const connection = {
  webhook: {
    url: 'https://desk.example/hooks/472891038720001',
    last_success_at: ago(42),
    refused_in_row: 12,
    calls: [
      { at: ago(1), status: 401, note: 'wrong signature', items: 0 },
      { at: ago(42), status: 200, note: '3 events', items: 3 },
    ],
  },
  hears: 'webhook',
  meters: [
    { name: 'spend', unit: 'microdollar', used: 4_120_000, limit: 5_000_000, resets_at: ago(-600) },
    { name: 'messages', unit: 'message', used: 200, limit: 200, resets_at: ago(-6_000) },
  ],
  credentials_at: ago(60 * 24 * 12),
  problems: [{ kind: 'webhook', detail: 'calls_refused: wrong signature', since: ago(8) }],
  gaps: [{ closed_at: ago(300), away_since: ago(360), posts: 3 }],
};
async function lay_over(page) {
  await page.route('**/accounts/*/connection', (route) => route.fulfill({ json: connection }));
}
const open_page = async (page, width) => {
  await page.goto(`${desk.url}/w/${desk.owner.workspace}/settings/accounts/${shop.account.id}`);
  if (width < 600) await page.locator('main').waitFor();
};

for (const [language, theme, width] of [
  ['en', 'light', 1440],
  ['ja', 'dark', 390],
  ['ja', 'light', 1440],
  ['en', 'dark', 390],
]) {
  const say = words(language);
  const what = `${language}-${theme}-${width}`;

  test(`the page of an account, ${what}`, async () => {
    const page = await browser.page({ client: desk.owner, language, theme, width, url: 'about:blank' });
    await lay_over(page);
    await open_page(page, width);
    await page.getByText(say('account.mend.webhook')).waitFor();
    assert.equal(await page.getByRole('meter').count(), 2);
    await page.getByText(say('account.hook.note.wrong_signature'), { exact: true }).waitFor();
    await page
      .getByText(
        say('account.detail', {
          words: say('account.detail.calls_refused'),
          said: say('account.hook.note.wrong_signature'),
        }),
      )
      .waitFor();
    // Between a name and what follows there is a space in some languages only.
    const behind_name = (key) => say(key, { network: '|' }).split('|').at(-1).trim();
    await page.getByText(behind_name('account.hears.webhook')).waitFor();
    await page.getByText(say('account.reconnect.keeps')).waitFor();
    await page.getByRole('button', { name: say('accounts.test'), exact: true }).click();
    await page.getByText(behind_name('account.tested')).waitFor();
    await picture(page, `account-${what}`);
    await no_sideways(page, what);
    await accessible(page, what);
    const text = await page.locator('body').innerText();
    assert.doesNotMatch(text, /\{\w+\}|\bundefined\b|\bNaN\b|\[object /);
    no_faults(page);
    await page.context().close();
  });

  test(`what became of signing in is told once, ${what}`, async () => {
    const page = await browser.page({ client: desk.owner, language, theme, width, url: 'about:blank' });
    await page.goto(`${desk.url}/w/${desk.owner.workspace}/settings/accounts?sign_in=denied`);
    await page.getByRole('alert').getByText(say('sign_in.denied')).waitFor();
    assert.equal(new URL(page.url()).search, '');
    await page.goto(`${desk.url}/connect/callback?state=never-begun-and-long-enough`);
    await page.getByRole('alert').getByText(say('sign_in.sign_in_unknown')).waitFor();
    no_faults(page);
    await page.context().close();
  });

  test(`files, and answering by hand, ${what}`, async () => {
    const page = await browser.page({ client: desk.owner, language, theme, width, url: 'about:blank' });
    const dot = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
      'base64',
    );
    const kept = { url: '', thumbnail_url: '', alt: '', title: '', width: 0, height: 0 };
    const file_url = `/api/v1/workspaces/${desk.owner.workspace}/posts/1/files/0`;
    await page.route('**/posts/1/files/0', (route) => route.fulfill({ body: dot, contentType: 'image/png' }));
    await page.route('https://stickers.example/**', (route) =>
      route.fulfill({ body: dot, contentType: 'image/png' }),
    );
    await page.route('**/timeline*', async (route) => {
      const answer = await route.fetch();
      const body = await answer.json();
      const post = body.items.find((item) => item.type === 'post' && item.direction === 'in');
      if (post) {
        const start = post.text.indexOf('(smile)');
        post.inlines = [
          { kind: 'emoji', start, end: start + 7, image_url: 'https://stickers.example/1.png', of_us: false },
        ];
        post.reply_closed = 'not_summoned';
        post.attachments = [
          { ...kept, kind: 'image', state: 'kept', file_url, width: 120, height: 80 },
          { ...kept, kind: 'file', state: 'kept', file_url, name: '見積書.pdf', size: 1_234_567 },
          { ...kept, kind: 'audio', state: 'wanted', file_url, name: 'voice.m4a' },
          { ...kept, kind: 'video', state: 'gone', file_url },
        ];
      }
      await route.fulfill({ response: answer, json: body });
    });
    let opened = [];
    const asked = [];
    await page.route(`**/cases/${row.id}`, async (route) => {
      const answer = await route.fetch();
      const body = await answer.json();
      for (const way of body.can_reply) {
        way.reply_closed = 'not_summoned';
        way.capabilities.compose_page = true;
      }
      body.elsewhere = opened;
      await route.fulfill({ response: answer, json: body });
    });
    await page.context().route('https://net.example/**', (route) => route.fulfill({ body: 'write here' }));
    await page.route('**/compose-link', async (route) => {
      asked.push(route.request().postDataJSON());
      const reply = {
        id: '77',
        case_id: row.id,
        post_id: null,
        action: 'reply',
        state: 'elsewhere',
        held_until: null,
        next_try_at: null,
        attempts: 0,
        error: '',
        error_code: '',
        receipt: '',
        receipt_at: null,
        url: '',
        created_by: '1',
        created_at: ago(0),
      };
      opened = [
        {
          ...reply,
          text: asked[0].text,
          network: 'open',
          account_id: shop.account.id,
          compose_url: 'https://net.example/write',
        },
      ];
      await route.fulfill({ status: 201, json: { url: 'https://net.example/write', reply } });
    });
    await page.route('**/replies/77/done-there', async (route) => {
      asked.push('done');
      const [{ text, network, account_id, compose_url, ...reply }] = opened;
      opened = [];
      await route.fulfill({ json: { ...reply, state: 'done_there' } });
    });
    await page.goto(`${desk.url}/w/${desk.owner.workspace}/all/case/${row.id}`);
    await page.getByText('見積書.pdf').waitFor();
    await page.getByText(say('attachment.state.wanted')).waitFor();
    await page.getByText(say('attachment.state.gone')).waitFor();
    assert.equal(await page.locator('img[alt="(smile)"]').count(), 1);
    const field = page.getByRole('textbox', { name: say('composer.reply.label') });
    await field.fill('We are sorry about the hinge.');
    const [tab] = await Promise.all([page.waitForEvent('popup'), field.press('Control+Enter')]);
    await tab.waitForURL('https://net.example/write');
    assert.equal(asked[0].text, 'We are sorry about the hinge.');
    const done = page.getByRole('button', { name: say('elsewhere.done') });
    await done.waitFor();
    assert.equal(await field.inputValue(), '', 'the text went along');
    await picture(page, `by-hand-${what}`);
    await no_sideways(page, what);
    await accessible(page, what);
    await done.focus();
    await page.keyboard.press('Enter');
    await done.waitFor({ state: 'detached' });
    assert.equal(asked.at(-1), 'done');
    no_faults(page);
    await page.context().close();
  });
}
