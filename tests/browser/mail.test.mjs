// A mail as an agent sees it: who got it, what it repeats folded, its form with the pictures that came along and
// nothing from outside, its files; the answer, with copies chosen one by one; and what a person settles.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { accessible, Browser, no_faults, no_sideways, picture, words } from '../support/browser.mjs';
import { Desk } from '../support/desk.mjs';
import { Dovecot, dovecot_is_here, mailbox_password } from '../support/dovecot.mjs';
import { Postfix, postfix_is_here } from '../support/postfix.mjs';
import { SmtpRelay } from '../support/smtp_relay.mjs';
import { until } from '../support/wait.mjs';

const skip = !(postfix_is_here() && dovecot_is_here()) && 'needs root, postfix and dovecot';
const dot =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const base64 = (text) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n');
const mail = `From: =?UTF-8?B?${base64('山田花子')}?= <hana@example.com>
To: <care@example.com>
Cc: =?UTF-8?B?${base64('佐藤')}?= <sato@example.com>, <office@example.com>
Date: Tue, 03 Mar 2026 18:30:00 +0900
Message-ID: <lamp@example.com>
Subject: =?UTF-8?B?${base64('ランプのひびについて')}?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

${base64(`ランプにひびが入っています。
写真と保証書を送ります。

2026年3月1日(日) 10:00 ミナト電機 <care@example.com>:
> どのあたりでしょうか。写真をお送りください。
`)}
--a
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

${base64(`<p>ランプに<b>ひび</b>が入っています。</p><script>window.stolen = 1</script>
<p><img src="cid:crack@x" alt="ひびの写真" width="120"></p><img src="https://track.example/a.png" alt="">
<form action="https://evil.example"><input name="password"></form>
<table><tr><th>品番</th><th>購入</th></tr><tr><td>L-12</td><td>2月</td></tr></table>`)}
--r
Content-Type: image/png
Content-ID: <crack@x>
Content-Transfer-Encoding: base64

${dot}
--r--
--a--
--m
Content-Type: application/pdf; name="hosho.pdf"
Content-Disposition: attachment; filename*=UTF-8''%E4%BF%9D%E8%A8%BC%E6%9B%B8.pdf
Content-Transfer-Encoding: base64

${base64('%PDF-1.4 warranty')}
--m--
`;

let boxes;
let post;
let wire; // from the desk to Postfix
let desk;
let browser;
let row;
before(async () => {
  if (skip) return;
  boxes = await Dovecot.start(['care', 'hana', 'sato', 'office']);
  post = await Postfix.start({ lmtp_port: boxes.lmtp_port });
  wire = await SmtpRelay.start(post.port);
  desk = await Desk.open({ settings: { 'mail.sent_interval_ms': '500' } });
  await desk.owner.in('POST', '/accounts', {
    network: 'mail',
    fields: {
      address: 'care@example.com',
      name: 'ミナト電機',
      imap_url: `imap://127.0.0.1:${boxes.port}`,
      imap_password: mailbox_password,
      smtp_url: `smtp://127.0.0.1:${wire.port}`,
      smtp_user: '-',
    },
  });
  execFileSync('/usr/bin/doveadm', ['-c', boxes.config, 'save', '-u', 'care', '-m', 'INBOX'], {
    input: mail.replaceAll('\n', '\r\n'),
  });
  row = await desk.owner.case_with('ランプにひび');
  await until('its files are kept', async () => {
    const [item] = await desk.owner.timeline(row.id);
    return item.attachments.every((one) => one.state === 'kept');
  });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await desk?.stop();
  await wire?.stop();
  post?.stop();
  await boxes?.stop();
});

for (const [language, theme, width] of [
  ['ja', 'light', 1440],
  ['en', 'dark', 390],
]) {
  const what = `${language}-${theme}-${width}`;
  const say = words(language);

  test(`a mail and its answer, ${what}`, { skip }, async () => {
    const page = await browser.page({ client: desk.owner, language, theme, width, url: 'about:blank' });
    const outside = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(desk.url) && !/^(data|blob|about):/.test(request.url()))
        outside.push(request.url());
    });
    await page.goto(`${desk.url}/w/${desk.owner.workspace}/all/case/${row.id}`);
    const item = page.getByRole('article').filter({ hasText: 'ランプのひびについて' });
    await item.getByText('sato@example.com').waitFor();
    await item.getByText('保証書.pdf').waitFor();
    const folded = item.getByText('どのあたりでしょうか');
    assert.equal(await folded.isVisible(), false);
    await item.getByText(say('mail.quoted')).press('Enter');
    await folded.waitFor();
    await picture(page, `mail-quoted-${what}`);
    await item.getByRole('button', { name: say('mail.formatted.show') }).click();
    const shown = item.getByRole('img', { name: 'ひびの写真' }).first();
    await until('the picture inside is shown', () => shown.evaluate((one) => one.naturalWidth > 0));
    await item.getByRole('cell', { name: 'L-12' }).waitFor();
    assert.equal(await item.locator('form, input, script').count(), 0);
    assert.equal(await page.evaluate(() => window.stolen), undefined);
    assert.deepEqual(outside, [], 'nothing is fetched from anywhere else');

    if (width < 600)
      await page.getByRole('textbox', { name: say('composer.reply.label') }).scrollIntoViewIfNeeded();
    const copies = page.getByRole('group', { name: say('composer.copies') });
    const ticks = copies.getByRole('checkbox');
    assert.equal(await ticks.count(), 2);
    assert.equal(await copies.getByRole('checkbox', { checked: true }).count(), 0);
    await copies.getByRole('checkbox', { name: /sato@example\.com/ }).check();
    await page.getByText(say('composer.readers.copies', { name: '山田花子' })).waitFor();
    await picture(page, `mail-${what}`);
    await no_sideways(page, what);
    await accessible(page, what);
    const text = `新しい部品をお送りします（${what}）。`;
    await page.getByRole('textbox', { name: say('composer.reply.label') }).fill(text);
    await page.keyboard.press('Control+Enter');
    const copy = await until('the copy arrived', () =>
      boxes.mails('sato').find((one) => one.text.includes(text)),
    );
    assert.match(copy.text, /> ランプにひび/);
    await until('the customer has it', () => boxes.mails('hana').some((one) => one.text.includes(text)));
    assert.equal(boxes.mails('office').length, 0, 'who was not ticked gets nothing');

    // The line breaks while the next one is handed over: a person says what became of it.
    wire.fault = () => 'lost_before';
    const lost = `確認のため、もう一通です（${what}）。`;
    await page.getByRole('textbox', { name: say('composer.reply.label') }).fill(lost);
    await page.keyboard.press('Control+Enter');
    const ours = page.getByRole('article').filter({ hasText: lost });
    await ours.getByRole('button', { name: say('reply.it_arrived') }).waitFor();
    wire.fault = () => undefined;
    await picture(page, `mail-unclear-${what}`);
    await no_sideways(page, `unclear ${what}`);
    await accessible(page, `unclear ${what}`);
    await ours.getByRole('button', { name: say('reply.retry') }).click();
    await until('it went out', () => boxes.mails('hana').some((one) => one.text.includes(lost)));
    await page
      .getByText(say('fact.reply.again', { name: say('fact.person', { name: 'Owner' }) }))
      .first()
      .waitFor();
    assert.equal(boxes.mails('hana').filter((one) => one.text.includes(lost)).length, 1);
    no_faults(page);
    await page.context().close();
  });
}
